import { toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { World } from '../test/world.js'
import { PatternRoutes } from './pattern-routes.js'

const world = new World()
const { peer } = world.service('a')
const { peer: other } = world.service('b')

function found(routes: PatternRoutes, topic: string): string | undefined {
  const bytes = toBytes(`..${topic}..`)
  return routes.find(bytes, 2, bytes.length - 4)?.name
}

describe('PatternRoutes', () => {
  it('finds the longest pattern that fits, and of those of one length the same whichever came first', () => {
    const patterns = ['>', 'a.>', 'a.*', '*.b', 'a.*.c', 'a.b.*', '*.b.c', 'a.b.>']
    for (const order of [patterns, patterns.toReversed()]) {
      const routes = new PatternRoutes()
      for (const pattern of order) routes.add(pattern, peer)
      expect(['a.b.c', 'a.b.d', 'a.x.c', 'a.b', 'x.b', 'a.x.y', 'x'].map((topic) => found(routes, topic))).toEqual(['*.b.c', 'a.b.*', 'a.*.c', '*.b', '*.b', 'a.>', '>'])
    }
  })

  it('forgets a pattern with its last taker', () => {
    const routes = new PatternRoutes()
    routes.add('a.>', peer)
    routes.add('a.>', other)
    const route = routes.find(toBytes('a.b'), 0, 3)!
    routes.remove('a.>', peer)
    routes.remove('a.>', peer)
    routes.remove('b.>', peer)
    expect(route.takers).toEqual([other])
    routes.remove('a.>', other)
    expect([found(routes, 'a.b'), route.takers]).toEqual([undefined, []])
  })
})
