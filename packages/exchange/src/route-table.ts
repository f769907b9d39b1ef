import { toBytes } from '@frontier/wire'
import type { Peer } from './peer.js'

/** A name and the services that take it. */
export class Route {
  readonly name: string
  readonly key: Uint8Array
  readonly hash: number
  takers: readonly Peer[] = []
  /** Changes whenever `takers` does, so that a remembered choice can be checked. */
  version = 0
  next: Route | undefined = undefined

  constructor(name: string, key: Uint8Array, hash: number) {
    this.name = name
    this.key = key
    this.hash = hash
  }
}

/**
 * Names to routes, looked up by the bytes of a received key: no string is made on the way of a call. Names are compared byte for byte.
 * The hash is seeded per table, so that nobody can choose names that collide.
 */
export class RouteTable {
  readonly #seed: number
  readonly #byHash = new Map<number, Route>()
  #size = 0

  /** `seed` is random unless a test needs names that collide. */
  constructor(seed: number = (Math.random() * 0x1_0000_0000) | 0) {
    this.#seed = seed
  }

  /** How many names have takers. */
  get size(): number {
    return this.#size
  }

  /** The route of the key in `bytes[start, start + length)`. */
  find(bytes: Uint8Array, start: number, length: number): Route | undefined {
    let route = this.#byHash.get(this.#hash(bytes, start, length))
    while (route !== undefined && !equals(route.key, bytes, start, length)) route = route.next
    return route
  }

  get(name: string): Route | undefined {
    const key = toBytes(name)
    return this.find(key, 0, key.length)
  }

  /** Adds `peer` to the takers of `name`. */
  add(name: string, peer: Peer): void {
    const key = toBytes(name)
    let route = this.find(key, 0, key.length)
    if (route === undefined) {
      const hash = this.#hash(key, 0, key.length)
      route = new Route(name, key, hash)
      route.next = this.#byHash.get(hash)
      this.#byHash.set(hash, route)
      this.#size++
    }
    if (route.takers.includes(peer)) return
    route.takers = [...route.takers, peer]
    route.version++
  }

  /** Removes `peer` from the takers of `name`; the name goes with its last taker. */
  remove(name: string, peer: Peer): void {
    const route = this.get(name)
    if (route === undefined || !route.takers.includes(peer)) return
    route.takers = route.takers.filter((taker) => taker !== peer)
    route.version++
    if (route.takers.length === 0) this.#unlink(route)
  }

  #unlink(route: Route): void {
    this.#size--
    const first = this.#byHash.get(route.hash)!
    if (first === route) {
      if (route.next === undefined) this.#byHash.delete(route.hash)
      else this.#byHash.set(route.hash, route.next)
      return
    }
    let before = first
    while (before.next !== route) before = before.next!
    before.next = route.next
  }

  /** FNV-1a. */
  #hash(bytes: Uint8Array, start: number, length: number): number {
    let hash = this.#seed
    for (let i = start; i < start + length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193)
    return hash
  }
}

function equals(key: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (key.length !== length) return false
  for (let i = 0; i < length; i++) if (key[i] !== bytes[start + i]) return false
  return true
}
