import { rendezvous, type Exchange, type Peer } from '@frontier/exchange'
import { idHigh, idLow, type FrontierError } from '@frontier/wire'
import type { EdgeEvent, EventOutcome } from './edge-event.js'
import { encodeEdgeInfo } from './edge-facts.js'

/** Calls in flight toward the services of one name: a flood of edges must not fill a service's places. */
const MAX_IN_FLIGHT = 1024
/** The metas in flight: together with the rest they must stay below the mark of a service's queue. */
const MAX_IN_FLIGHT_BYTES = 4_194_304
/** Edges with events that wait, per name. */
const MAX_WAITING_EDGES = 262_144

/** Where a desk takes events from when it has a place free and nothing else to do. */
export interface EventSource {
  /** The next event; undefined = that was all. */
  next(): EdgeEvent | undefined
}

/**
 * Tells the services of one name of edges coming and going. Events of one edge go out one after the other, each when the one before is
 * answered; different edges side by side.
 */
export class EventDesk {
  readonly name: string
  readonly #exchange: Exchange
  /** Per edge what is to be told, in order; the first is in work, or ready. */
  readonly #lines = new Map<bigint, EdgeEvent[]>()
  /** Heads of lines that wait for a place. */
  readonly #ready = new Set<EdgeEvent>()
  readonly #sources: EventSource[] = []
  readonly #onIdle: (desk: EventDesk) => void
  #inFlight = 0
  #inFlightBytes = 0

  /** `onIdle` is called whenever there is nothing left to tell. */
  constructor(name: string, exchange: Exchange, onIdle: (desk: EventDesk) => void) {
    this.name = name
    this.#exchange = exchange
    this.#onIdle = onIdle
  }

  /** Takes `event`, behind those of the same edge; false when too many wait. */
  submit(event: EdgeEvent): boolean {
    const line = this.#lines.get(event.edge.id)
    if (line !== undefined) {
      line.push(event)
      return true
    }
    if (this.#lines.size >= MAX_WAITING_EDGES) return false
    this.#lines.set(event.edge.id, [event])
    this.#start(event)
    return true
  }

  /** Takes `event` back; false when it is in work, or settled. */
  withdraw(event: EdgeEvent): boolean {
    const { id } = event.edge
    const line = this.#lines.get(id)
    const at = line?.indexOf(event) ?? -1
    if (line === undefined || at < 0 || (at === 0 && !this.#ready.delete(event))) return false
    line.splice(at, 1)
    if (at === 0) {
      this.#advance(id, line)
      this.#fill()
    }
    return true
  }

  /** Takes the events of `source` too, whenever a place is free. */
  feed(source: EventSource): void {
    this.#sources.push(source)
    this.#fill()
  }

  #start(event: EdgeEvent): void {
    if (!this.#hasPlace) this.#ready.add(event)
    else this.#work(event)
  }

  get #hasPlace(): boolean {
    return this.#inFlight < MAX_IN_FLIGHT && this.#inFlightBytes < MAX_IN_FLIGHT_BYTES
  }

  #work(event: EdgeEvent): void {
    const bytes = event.edge.meta.length
    this.#inFlight++
    this.#inFlightBytes += bytes
    this.#tell(event, (outcome) => {
      this.#inFlight--
      this.#inFlightBytes -= bytes
      const line = this.#lines.get(event.edge.id)!
      line.shift()
      // Before the next of the line: what the outcome leads to may be the next itself.
      event.onSettled(outcome)
      this.#advance(event.edge.id, line)
      this.#fill()
    })
  }

  #advance(id: bigint, line: EdgeEvent[]): void {
    const next = line[0]
    if (next === undefined) this.#lines.delete(id)
    else this.#start(next)
  }

  #fill(): void {
    while (this.#hasPlace) {
      const ready = this.#ready.values().next().value
      if (ready !== undefined) {
        this.#ready.delete(ready)
        this.#work(ready)
        continue
      }
      const event = this.#sources[0]?.next()
      if (event !== undefined) this.submit(event)
      else if (this.#sources.shift() === undefined) break
    }
    if (this.#lines.size === 0 && this.#sources.length === 0) this.#onIdle(this)
  }

  /** `onOutcome` is never called at once. */
  #tell(event: EdgeEvent, onOutcome: (outcome: EventOutcome) => void): void {
    if (event.begin()) this.#ask(event, new Set(), onOutcome)
    else
      queueMicrotask(() => {
        onOutcome({ kind: 'skipped' })
      })
  }

  /** Asks the next service that was not `tried`, until one has something to say. */
  #ask(event: EdgeEvent, tried: Set<Peer>, onOutcome: (outcome: EventOutcome) => void): void {
    const { hook, edge, told } = event
    const service = this.#choose(event, tried)
    if (service === undefined) {
      queueMicrotask(() => {
        onOutcome({ kind: 'nobody' })
      })
      return
    }
    tried.add(service)
    const former = told.serviceId
    // A snapshot tells one more service of the name: the offline event still goes to the first.
    if (hook === 'edge_online') told.serviceId = event.only === undefined ? service.id : (former ?? service.id)
    const request = { meta: edge.meta, data: encodeEdgeInfo(edge), peer: edge.id, timeoutMs: event.timeoutMs }
    this.#exchange.askService(service, hook, request, (error) => {
      if (error === undefined) {
        onOutcome({ kind: 'taken' })
        return
      }
      const isRefusal = isAnswerOf(error)
      // Who refuses speaks for its name, but not in a snapshot, which asks nobody.
      if (hook === 'edge_online' && isRefusal) told.serviceId = event.only === undefined ? undefined : former
      else if (hook === 'edge_online' && error.delivered === 'no') told.serviceId = former
      const isGone = error.code === 'EOF' && !isRefusal
      // It took its hook back while it was asked: somebody else's turn.
      const isTakenBack = isRefusal && error.code === 'RPC_NOT_ONLINE' && !this.#exchange.hookServices(hook).includes(service)
      if (isGone || isTakenBack) this.#ask(event, tried, onOutcome)
      else onOutcome(isRefusal ? { kind: 'refused', error } : { kind: 'failed', error })
    })
  }

  #choose(event: EdgeEvent, tried: ReadonlySet<Peer>): Peer | undefined {
    const isEligible = (service: Peer): boolean => service.name === this.name && !tried.has(service)
    const services = this.#exchange.hookServices(event.hook).filter(isEligible)
    if (event.only !== undefined) return services.includes(event.only) ? event.only : undefined
    const { told, edge } = event
    const first = event.hook === 'edge_offline' ? services.find((service) => service.id === told.serviceId) : undefined
    return first ?? rendezvous(services, (idHigh(edge.id) ^ Math.imul(idLow(edge.id), 0x9e37_79b9)) >>> 0)
  }
}

/** Whether the service itself answered with this error. That it ran out of time is no answer. */
function isAnswerOf(error: FrontierError): boolean {
  return error.origin === 'peer' && error.code !== 'TIMEOUT'
}
