import { FrontierError } from '@frontier/wire'
import type { Deadlined } from './deadline-queue.js'
import type { EdgeEvent, EventOutcome, Told } from './edge-event.js'
import type { EventDesk } from './event-desk.js'
import type { EdgeFacts } from './edge-facts.js'

/** What a round needs of whoever runs it. */
export interface RoundHost {
  readonly timeoutMs: number
  /** `outcome` of one name's answer, to be counted. */
  count(outcome: EventOutcome): void
  /** The edge is not in after all: tells `told` so, if it was told anything. */
  takeBack(edge: EdgeFacts, told: Told): void
  /** The round is over, whatever came of it. */
  roundOver(round: OnlineRound): void
}

/** Asks one service of each name whether an edge may come in. All must say yes. */
export class OnlineRound implements Deadlined {
  deadlineTick = 0
  readonly edge: EdgeFacts
  /** Which snapshots had begun before this round. */
  readonly epoch: number
  /** Whom it has told so far. */
  readonly told: Told[] = []
  readonly #host: RoundHost
  readonly #onDecided: (error: FrontierError | undefined) => void
  readonly #asked: { desk: EventDesk; event: EdgeEvent }[] = []
  #missing = 0
  #isOver = false

  /** `onDecided` is called once, never from within `ask`, and not after `abandon`: with the refusal, or undefined when all said yes. */
  constructor(host: RoundHost, edge: EdgeFacts, epoch: number, onDecided: (error: FrontierError | undefined) => void) {
    this.#host = host
    this.edge = edge
    this.epoch = epoch
    this.#onDecided = onDecided
  }

  /** Asks the services behind `desks`. @throws BUFFER_FULL when too many edges wait there already. */
  ask(desks: readonly EventDesk[]): void {
    for (const desk of desks) {
      const told: Told = { name: desk.name, serviceId: undefined }
      const event: EdgeEvent = {
        hook: 'edge_online',
        edge: this.edge,
        told,
        timeoutMs: this.#host.timeoutMs,
        begin: () => !this.#isOver,
        onSettled: (outcome) => {
          this.#onSettled(outcome)
        },
      }
      if (!desk.submit(event)) {
        this.abandon()
        throw new FrontierError('BUFFER_FULL', 'too many edges wait for their online hook')
      }
      this.#asked.push({ desk, event })
      this.told.push(told)
      this.#missing++
    }
  }

  onDeadline(): void {
    this.#decide(new FrontierError('TIMEOUT', 'a service did not answer edge_online in time'))
  }

  /** The edge went away, or may not come in: who said yes, and who still may, is told that it is offline. */
  abandon(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#host.roundOver(this)
    for (const { desk, event } of this.#asked) {
      if (!desk.withdraw(event)) this.#host.takeBack(this.edge, event.told)
    }
  }

  #onSettled(outcome: EventOutcome): void {
    this.#host.count(outcome)
    this.#missing--
    if (this.#isOver) return
    if (outcome.kind === 'refused' || outcome.kind === 'failed') this.#decide(outcome.error)
    else if (this.#missing === 0) this.#decide(undefined)
  }

  #decide(error: FrontierError | undefined): void {
    if (error !== undefined) this.abandon()
    else {
      this.#isOver = true
      this.#host.roundOver(this)
    }
    this.#onDecided(error)
  }
}
