import {
  createMemoryRegistry,
  openSqliteRegistry,
  type EdgeQuery,
  type Page,
  type Registry,
  type ServiceQuery,
} from '@frontier/registry'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { testEdge, testService } from '../src/registry.contract.js'
import { isSqliteInstalled } from './sqlite-installed.js'

// The same changes and the same questions, random ones, to both backends: the same answers.

const few = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)
const id = fc.constantFrom(1n, 2n, 3n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n)
const text = fc.oneof(few('', 'a', 'ab', 'a%', 'a_', 'A', 'b', 'é', '\u{fffd}', '\u{1f600}', '"\\'), fc.string({ unit: 'binary', maxLength: 4 }))
const names = fc.uniqueArray(few('m', 'n', 'o', 'm:n', ''), { maxLength: 3 })
const bytes = fc.oneof(fc.uint8Array({ maxLength: 3 }), fc.constantFrom(new Uint8Array(300).fill(255), new Uint8Array(257).fill(7)))
const labels = fc.dictionary(few('site', 'kind', '1:', '__proto'), few('a', 'b', ''), { maxKeys: 3 })
const at = fc.constantFrom(0, 1, 1.5, 2, 1_795_326_784_000, -3)

const edge = fc.record({ edgeId: id, meta: bytes, labels, address: text, at, methods: names })
const service = fc.record({ serviceId: id, name: text, labels, address: text, at, methods: names, topics: names })

const change = fc.oneof(
  fc.record({ do: fc.constant('addEdge' as const), edge }),
  fc.record({ do: fc.constant('addService' as const), service }),
  fc.record({ do: fc.constantFrom('removeEdge' as const, 'removeService' as const), id }),
  fc.record({ do: fc.constantFrom('name' as const, 'unname' as const), id, kind: fc.constantFrom('edge' as const, 'method' as const, 'topic' as const), name: few('m', 'n', 'x') }),
)

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 1 })
const paging = { pageSize: maybe(fc.constantFrom(1, 2, 3, Infinity)), direction: maybe(fc.constantFrom('asc' as const, 'desc' as const)) }
const filter = { addressPrefix: maybe(text), method: maybe(few('m', 'n', 'x', '')), labels: maybe(labels), startAt: maybe(at), endAt: maybe(at) }
const edgeQuery: fc.Arbitrary<EdgeQuery> = fc.record({
  ...filter,
  ...paging,
  edgeId: maybe(id),
  metaPrefix: maybe(bytes),
  metaContains: maybe(fc.uint8Array({ maxLength: 2 })),
  orderBy: maybe(fc.constantFrom('at' as const, 'edgeId' as const, 'address' as const, 'meta' as const)),
})
const serviceQuery: fc.Arbitrary<ServiceQuery> = fc.record({
  ...filter,
  ...paging,
  serviceId: maybe(id),
  name: maybe(text),
  namePrefix: maybe(text),
  topic: maybe(few('m', 'n', 'x')),
  orderBy: maybe(fc.constantFrom('at' as const, 'serviceId' as const, 'address' as const, 'name' as const)),
})

type Step = { change: (registry: Registry) => void } | { query: (registry: Registry, after?: string) => Promise<Page<unknown>> }

/** One registry's records are not another's: each of these keeps its own. */
function player(registry: Registry): (step: typeof change extends fc.Arbitrary<infer C> ? C : never) => void {
  const edges = new Map<bigint, ReturnType<typeof testEdge>>()
  const services = new Map<bigint, ReturnType<typeof testService>>()
  const rename = (isAdd: boolean, set: Set<string>, name: string): boolean => {
    const had = set.has(name)
    if (isAdd) set.add(name)
    else set.delete(name)
    return had !== isAdd
  }
  return (step) => {
    switch (step.do) {
      case 'addEdge': {
        const record = { ...testEdge({ ...step.edge, meta: '' }), meta: step.edge.meta }
        edges.set(record.edgeId, record)
        registry.addEdge(record)
        return
      }
      case 'addService': {
        const record = testService(step.service)
        services.set(record.serviceId, record)
        registry.addService(record)
        return
      }
      case 'removeEdge': {
        const record = edges.get(step.id)
        if (record !== undefined) registry.removeEdge(record)
        edges.delete(step.id)
        return
      }
      case 'removeService': {
        const record = services.get(step.id)
        if (record !== undefined) registry.removeService(record)
        services.delete(step.id)
        return
      }
      case 'name':
      case 'unname': {
        const isAdd = step.do === 'name'
        const [ofEdge, ofService] = [edges.get(step.id), services.get(step.id)]
        if (step.kind === 'edge' && ofEdge !== undefined && rename(isAdd, ofEdge.methods, step.name)) {
          if (isAdd) registry.addEdgeMethod(ofEdge, step.name)
          else registry.removeEdgeMethod(ofEdge, step.name)
        } else if (step.kind === 'method' && ofService !== undefined && rename(isAdd, ofService.methods, step.name)) {
          if (isAdd) registry.addServiceMethod(ofService, step.name)
          else registry.removeServiceMethod(ofService, step.name)
        } else if (step.kind === 'topic' && ofService !== undefined && rename(isAdd, ofService.topics, step.name)) {
          if (isAdd) registry.addServiceTopic(ofService, step.name)
          else registry.removeServiceTopic(ofService, step.name)
        }
      }
    }
  }
}

const question = fc.oneof(
  edgeQuery.map((query): Extract<Step, { query: unknown }> => ({ query: (registry, after) => registry.listEdges({ ...query, after }) })),
  serviceQuery.map((query): Extract<Step, { query: unknown }> => ({ query: (registry, after) => registry.listServices({ ...query, after }) })),
  fc.tuple(edgeQuery, fc.constant(0)).map(([{ orderBy: _, ...query }]): Extract<Step, { query: unknown }> => ({
    query: (registry, after) => registry.listEdgeMethods({ ...query, after }),
  })),
  fc.tuple(serviceQuery, fc.boolean()).map(([{ orderBy: _, ...query }, isTopics]): Extract<Step, { query: unknown }> => ({
    query: (registry, after) =>
      isTopics ? registry.listServiceTopics({ ...query, after }) : registry.listServiceMethods({ ...query, after }),
  })),
)

/** All pages of an answer; the cursors are each registry's own. */
async function pages({ query }: Extract<Step, { query: unknown }>, registry: Registry): Promise<Omit<Page<unknown>, 'next'>[]> {
  const all: Omit<Page<unknown>, 'next'>[] = []
  let after: string | undefined = undefined
  do {
    const { next, ...page }: Page<unknown> = await query(registry, after)
    all.push(page)
    after = next
  } while (after !== undefined)
  return all
}

describe.skipIf(!isSqliteInstalled)('the backends', () => {
  it('answer alike', async () => {
    const rounds = fc.array(fc.tuple(fc.array(change, { maxLength: 12 }), fc.array(question, { maxLength: 6 })), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(rounds, async (steps) => {
        const registries = [createMemoryRegistry(), await openSqliteRegistry()]
        try {
          const players = registries.map((registry) => player(registry))
          for (const [changes, questions] of steps) {
            for (const step of changes) for (const play of players) play(step)
            for (const step of questions) {
              const [inMemory, inSqlite] = await Promise.all(registries.map((registry) => pages(step, registry)))
              expect(inSqlite).toEqual(inMemory)
            }
          }
        } finally {
          await Promise.all(registries.map((registry) => registry.close()))
        }
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
