import {
  encodeError,
  encodeFrame,
  Flag,
  FrameType,
  FrontierError,
  MAX_KEY_BYTES,
  parseKey,
  readFlags,
  readId,
  readType,
  RESERVED_METHODS,
  toBytes,
} from '@frontier/wire'
import type { ResolvedExchangeOptions } from './exchange-options.js'
import type { Peer } from './peer.js'
import { RegisteredNames } from './registered-names.js'
import type { RouteTable } from './route-table.js'

/** A name that only the gateway may call. */
export type HookName = (typeof RESERVED_METHODS)[number]

/** Whether `name` is a {@link HookName}. */
export function isHookName(name: string): name is HookName {
  return (RESERVED_METHODS as readonly string[]).includes(name)
}

/** Who has registered what: the routes of services' methods, topics, names and hooks, and what edges say they answer. */
export class Registrations {
  readonly #methods: RouteTable
  readonly #topics: RouteTable
  readonly #hooks: RouteTable
  readonly #options: ResolvedExchangeOptions

  constructor(tables: { methods: RouteTable; topics: RouteTable; hooks: RouteTable }, options: ResolvedExchangeOptions) {
    this.#methods = tables.methods
    this.#topics = tables.topics
    this.#hooks = tables.hooks
    this.#options = options
  }

  /** Takes a REGISTER or UNREGISTER frame and answers it. @throws PROTOCOL_ERROR when its key is no name, or it is a fragment: a name fits a frame. */
  onFrame(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const flags = readFlags(bytes, start)
    if ((flags & (Flag.MORE | Flag.CONT)) !== 0) throw new FrontierError('PROTOCOL_ERROR', 'a registration in fragments')
    const name = parseKey(bytes, start, end)
    const kind = (flags & Flag.TOPIC) === 0 ? 'method' : 'topic'
    const id = readId(bytes, start)
    const { events } = this.#options
    if (readType(bytes, start) === FrameType.UNREGISTER) {
      if (this.#remove(peer, name, kind)) events.unregistered(peer, name, kind)
    } else {
      const error = this.#refusal(peer, name, kind)
      if (error !== undefined) {
        peer.link.sendControl(encodeError(FrameType.ANSWER, id, error, true))
        return
      }
      if (this.#add(peer, name, kind)) events.registered(peer, name, kind)
    }
    peer.link.sendControl(encodeFrame({ type: FrameType.ANSWER, id }))
  }

  /** Adds what came with the hello. @throws INVALID_ARGUMENT, PERMISSION_DENIED or RATE_LIMITED when a name may not be registered; then nothing was. */
  addAll(peer: Peer, methods: readonly string[], topics: readonly string[]): void {
    for (const [names, kind] of [
      [methods, 'method'],
      [topics, 'topic'],
    ] as const) {
      for (const name of names) {
        const error = this.#refusal(peer, name, kind)
        if (error !== undefined) throw error
      }
    }
    if (methods.length + topics.length > peer.limits.maxNames) throw tooMany(peer)
    if (methods.length > 0) peer.methodNames = new RegisteredNames(methods)
    if (topics.length > 0) peer.topicNames = new RegisteredNames(topics)
    if (peer.role === 'edge') return
    for (const name of peer.methods) this.#table(name, 'method').add(name, peer)
    for (const name of peer.topics) this.#topics.add(name, peer)
  }

  /** Takes the peer out of all routes; what it registered stays readable on the peer. */
  unroute(peer: Peer): void {
    if (peer.role === 'edge') return
    for (const name of peer.methods) this.#table(name, 'method').remove(name, peer)
    for (const name of peer.topics) this.#topics.remove(name, peer)
  }

  #refusal(peer: Peer, name: string, kind: 'method' | 'topic'): FrontierError | undefined {
    if (name === '') return new FrontierError('INVALID_ARGUMENT', `a ${kind} has a name`)
    if (name.length * 3 > MAX_KEY_BYTES && toBytes(name).length > MAX_KEY_BYTES) {
      return new FrontierError('INVALID_ARGUMENT', `the name of a ${kind} has at most ${MAX_KEY_BYTES} bytes`)
    }
    if (peer.role === 'edge' && (kind === 'topic' || isHookName(name))) {
      return new FrontierError('PERMISSION_DENIED', kind === 'topic' ? 'edges receive no topics' : `${name} is a reserved name`)
    }
    const names = (peer.methodNames?.size ?? 0) + (peer.topicNames?.size ?? 0)
    return names >= peer.limits.maxNames ? tooMany(peer) : undefined
  }

  #add(peer: Peer, name: string, kind: 'method' | 'topic'): boolean {
    const names = kind === 'method' ? (peer.methodNames ??= new RegisteredNames([])) : (peer.topicNames ??= new RegisteredNames([]))
    if (!names.add(name)) return false
    if (peer.role === 'service' && !peer.isDraining) this.#table(name, kind).add(name, peer)
    return true
  }

  #remove(peer: Peer, name: string, kind: 'method' | 'topic'): boolean {
    const names = kind === 'method' ? peer.methodNames : peer.topicNames
    if (names?.delete(name) !== true) return false
    if (peer.role === 'service') this.#table(name, kind).remove(name, peer)
    return true
  }

  #table(name: string, kind: 'method' | 'topic'): RouteTable {
    if (kind === 'topic') return this.#topics
    return isHookName(name) ? this.#hooks : this.#methods
  }
}

function tooMany(peer: Peer): FrontierError {
  return new FrontierError('RATE_LIMITED', `more than ${peer.limits.maxNames} names, more may not be registered`)
}
