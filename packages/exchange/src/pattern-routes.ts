import { toBytes, utf8 } from '@frontier/wire'
import type { Peer } from './peer.js'
import { Route } from './route-table.js'
import { TopicPattern } from './topic-pattern.js'

interface PatternRoute {
  readonly pattern: TopicPattern
  readonly route: Route
}

/** Topic patterns to routes, the longest first, those of one length by their text: the same in every gateway. Only bridges have patterns, by configuration, so there are few: they are tried one after the other. */
export class PatternRoutes {
  readonly #routes: PatternRoute[] = []

  /** The route of the longest pattern that the topic in `bytes[start, start + length)` fits. */
  find(bytes: Uint8Array, start: number, length: number): Route | undefined {
    if (this.#routes.length === 0) return undefined
    const topic = utf8(bytes.subarray(start, start + length))
    return this.#routes.find(({ pattern }) => pattern.fits(topic))?.route
  }

  /** @throws INVALID_ARGUMENT for text that is no pattern. */
  add(text: string, peer: Peer): void {
    let route = this.#get(text)
    if (route === undefined) {
      route = new Route(text, toBytes(text), 0)
      this.#routes.push({ pattern: new TopicPattern(text), route })
      this.#routes.sort(({ pattern: { text: a } }, { pattern: { text: b } }) => b.length - a.length || (a < b ? -1 : 1))
    }
    route.takers = [...route.takers, peer]
    route.version++
  }

  remove(text: string, peer: Peer): void {
    const route = this.#get(text)
    if (route === undefined) return
    route.takers = route.takers.filter((taker) => taker !== peer)
    route.version++
    if (route.takers.length === 0) this.#routes.splice(this.#routes.findIndex((each) => each.route === route), 1)
  }

  #get(text: string): Route | undefined {
    return this.#routes.find(({ pattern }) => pattern.text === text)?.route
  }
}
