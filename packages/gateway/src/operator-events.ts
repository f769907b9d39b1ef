import type { EventPeer, GatewayEvent } from '@frontier/controlplane'
import type { Peer } from '@frontier/exchange'
import type { EdgeEntry, RegistryEvent, RegistryReader, ServiceEntry } from '@frontier/registry'
import type { FrontierError } from '@frontier/wire'

/** Where the events come from that are not told one by one. */
export interface OperatorEventSource {
  readonly registry: RegistryReader
  /** The peer with that id, when it is there. */
  peer(role: 'edge' | 'service', id: bigint): Peer | undefined
}

type Listener = (event: GatewayEvent) => void
type WithoutHeader<E> = E extends GatewayEvent ? Omit<E, 'seq' | 'at' | 'peer'> : never

/** What operators can watch, in one order. Costs nothing as long as nobody does. */
export class OperatorEvents {
  readonly #source: OperatorEventSource
  readonly #listeners = new Set<Listener>()
  #watching: Disposable | undefined = undefined
  #seq = 0

  constructor(source: OperatorEventSource) {
    this.#source = source
  }

  /** Whether somebody watches: else an event would be made for nothing. */
  get isWatched(): boolean {
    return this.#listeners.size > 0
  }

  /** Tells `listener` of every event from now on. It must be quick, and must not throw. */
  listen(listener: Listener): Disposable {
    // One of its own, so that the same function can listen twice and be disposed once.
    const own: Listener = (event) => listener(event)
    this.#listeners.add(own)
    this.#watching ??= this.#source.registry.watch((event) => {
      this.#onRegistryEvent(event)
    })
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(own)
        if (this.isWatched) return
        this.#watching?.[Symbol.dispose]()
        this.#watching = undefined
      },
    }
  }

  /** A peer that was in has gone. */
  offline({ role, id, name, address }: Peer, { code, reason }: FrontierError): void {
    if (this.isWatched) this.#emit({ role, id, name, address }, { type: 'offline', code, reason })
  }

  /** An operator closes a peer's link. */
  kick({ role, id, name, address }: Peer, reason: string): void {
    if (this.isWatched) this.#emit({ role, id, name, address }, { type: 'kick', reason })
  }

  /** A link is not let in. */
  refusal(peer: EventPeer, { code, reason }: FrontierError): void {
    if (this.isWatched) this.#emit(peer, { type: 'refusal', code, reason })
  }

  /** Somebody came, or changed its names; who goes is told by {@link offline}, which knows why. */
  #onRegistryEvent(event: RegistryEvent): void {
    if (event.type === 'online') {
      if (event.role === 'edge') this.#emit(edgePeer(event.edge), { type: 'online', entry: { edge: event.edge } })
      else this.#emit(servicePeer(event.service), { type: 'online', entry: { service: event.service } })
    } else if (event.type === 'registered' || event.type === 'unregistered') {
      const { role, id, kind, name: word } = event
      const { name = '', address = '' } = this.#source.peer(role, id) ?? {}
      this.#emit({ role, id, name, address }, { type: event.type === 'registered' ? 'register' : 'unregister', kind, word })
    }
  }

  #emit(peer: EventPeer, details: WithoutHeader<GatewayEvent>): void {
    const event: GatewayEvent = { seq: ++this.#seq, at: Date.now(), peer, ...details }
    for (const listener of this.#listeners) listener(event)
  }
}

function edgePeer({ edgeId, address }: EdgeEntry): EventPeer {
  return { role: 'edge', id: edgeId, name: '', address }
}

function servicePeer({ serviceId, name, address }: ServiceEntry): EventPeer {
  return { role: 'service', id: serviceId, name, address }
}
