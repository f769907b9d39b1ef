import { toBytes } from '@frontier/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { EdgeEntry, EdgeRecord, Page, Registry, RegistryEvent, RegistryOptions, ServiceRecord } from './index.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type TestEdge = Mutable<Omit<EdgeRecord, 'methods'>> & { methods: Set<string> }
type TestService = Mutable<Omit<ServiceRecord, 'methods' | 'topics'>> & { methods: Set<string>; topics: Set<string> }

/** An edge with some of its fields; the rest is plain. */
export function testEdge(fields: Partial<Omit<EdgeRecord, 'meta'>> & { meta?: string } = {}): TestEdge {
  const { edgeId = 1n, meta = '', labels = {}, address = '10.0.0.1:5000', generation = 1, at = 1_000, methods = [] } = fields
  return { edgeId, meta: new Uint8Array(toBytes(meta)), labels, address, generation, at, methods: new Set(methods) }
}

/** A service with some of its fields; the rest is plain. */
export function testService(fields: Partial<ServiceRecord> = {}): TestService {
  const { serviceId = 1n, name = 'svc', labels = {}, address = '10.0.1.1:6000', at = 1_000, methods = [], topics = [] } = fields
  return { serviceId, name, labels, address, at, methods: new Set(methods), topics: new Set(topics) }
}

/** What every implementation of {@link Registry} keeps to. `create` is asked for a fresh one for each test. */
export function describeRegistry(name: string, create: (options?: RegistryOptions) => Registry | Promise<Registry>): void {
  describe(`registry: ${name}`, () => {
    let registry: Registry

    beforeEach(async () => {
      registry = await create()
    })
    afterEach(() => registry.close())

    const edgeIds = async (query: Parameters<Registry['listEdges']>[0]): Promise<bigint[]> =>
      (await registry.listEdges(query)).items.map(({ edgeId }) => edgeId)
    const serviceIds = async (query: Parameters<Registry['listServices']>[0]): Promise<bigint[]> =>
      (await registry.listServices(query)).items.map(({ serviceId }) => serviceId)

    describe('edges', () => {
      it('gives back what was added', async () => {
        const fields = { edgeId: 7n, meta: 'room 1', labels: { site: 'a' }, generation: 3, at: 5, methods: ['ping', 'stat'] }
        registry.addEdge(testEdge(fields))
        const entry = await registry.getEdge(7n)
        expect(entry).toMatchObject({ ...fields, meta: toBytes('room 1'), address: '10.0.0.1:5000' })
        expect(registry.edgeCount).toBe(1)
      })

      it('knows nothing of an edge that went', async () => {
        const edge = testEdge({ methods: ['ping'] })
        registry.addEdge(edge)
        registry.addEdgeMethod(edge, 'late')
        edge.methods.add('late')
        registry.removeEdge(edge)
        expect(await registry.getEdge(1n)).toBeUndefined()
        expect(await registry.listEdges()).toMatchObject({ items: [], count: 0 })
        expect(await registry.listEdgeMethods()).toMatchObject({ items: [], count: 0 })
        expect(await edgeIds({ method: 'ping' })).toEqual([])
        expect(registry.edgeCount).toBe(0)
      })

      it('replaces a record of the same id, and forgets the names of the old one', async () => {
        registry.addEdge(testEdge({ generation: 1, methods: ['old'] }))
        registry.addEdge(testEdge({ generation: 2, methods: ['new'] }))
        expect(await registry.getEdge(1n)).toMatchObject({ generation: 2 })
        expect(await registry.listEdgeMethods()).toMatchObject({ items: ['new'], count: 1 })
        expect(registry.edgeCount).toBe(1)
      })

      it('ignores the late removal and registrations of a record that was replaced', async () => {
        const old = testEdge({ generation: 1 })
        registry.addEdge(old)
        registry.addEdge(testEdge({ generation: 2 }))
        registry.addEdgeMethod(old, 'ghost')
        registry.removeEdge(old)
        expect(await registry.getEdge(1n)).toMatchObject({ generation: 2 })
        expect(await registry.listEdgeMethods()).toMatchObject({ items: [], count: 0 })
      })

      it('takes the same record twice as once', async () => {
        const edge = testEdge({ methods: ['ping'] })
        registry.addEdge(edge)
        registry.addEdge(edge)
        expect(await registry.listEdges()).toMatchObject({ count: 1 })
      })

      it('hands out entries that later changes do not reach', async () => {
        const edge = testEdge({ methods: ['a'] })
        registry.addEdge(edge)
        const before = await registry.getEdge(1n)
        edge.methods.add('b')
        registry.addEdgeMethod(edge, 'b')
        expect(before?.methods).toEqual(['a'])
        expect((await registry.getEdge(1n))?.methods).toEqual(['a', 'b'])
      })

      it('tells ids apart that a double cannot', async () => {
        const ids = [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n]
        for (const edgeId of ids) registry.addEdge(testEdge({ edgeId }))
        for (const edgeId of ids) {
          expect((await registry.getEdge(edgeId))?.edgeId).toBe(edgeId)
          expect(await edgeIds({ edgeId })).toEqual([edgeId])
        }
        expect(await edgeIds({ orderBy: 'edgeId', direction: 'asc' })).toEqual(ids)
        expect(await edgeIds({ orderBy: 'edgeId', direction: 'desc' })).toEqual([...ids].reverse())
      })

      it('takes numbers for ids, finds none that nobody can have, and refuses one that lost digits', async () => {
        registry.addEdge(testEdge({ edgeId: 9n }))
        expect((await registry.getEdge(9))?.edgeId).toBe(9n)
        for (const id of [0, -1, 0n, 2n ** 64n]) expect(await registry.getEdge(id)).toBeUndefined()
        await expect(registry.getEdge(2 ** 53)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        await expect(registry.listEdges({ edgeId: 1.5 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      })
    })

    describe('filters of edges', () => {
      beforeEach(() => {
        registry.addEdge(testEdge({ edgeId: 1n, meta: 'north 1', address: '10.0.0.1:1', at: 10, methods: ['reboot', 'status'] }))
        registry.addEdge(testEdge({ edgeId: 2n, meta: 'north 2', address: '10.0.0.2:1', at: 20, methods: ['status'], labels: { site: 'a' } }))
        registry.addEdge(testEdge({ edgeId: 3n, meta: 'south %_', address: '10.1.0.1:1', at: 30, labels: { site: 'a', kind: 'x' } }))
      })

      it.each([
        ['nothing', {}, [3n, 2n, 1n]],
        ['an id', { edgeId: 2 }, [2n]],
        ['an unknown id', { edgeId: 42 }, []],
        ['a meta prefix', { metaPrefix: 'north' }, [2n, 1n]],
        ['a meta prefix as bytes', { metaPrefix: new Uint8Array([0x73]) }, [3n]],
        ['a meta prefix in the wrong case', { metaPrefix: 'NORTH' }, []],
        ['a part of a meta that is no prefix', { metaPrefix: 'orth' }, []],
        ['a meta prefix longer than the meta', { metaPrefix: 'north 1 and more' }, []],
        ['an empty meta prefix', { metaPrefix: '' }, [3n, 2n, 1n]],
        ['a part of a meta', { metaContains: 'th ' }, [3n, 2n, 1n]],
        ['a part of a meta as bytes', { metaContains: new Uint8Array([0x20, 0x32]) }, [2n]],
        ['a part of a meta in the wrong case', { metaContains: 'ORTH' }, []],
        ['a percent sign in a meta', { metaContains: '%' }, [3n]],
        ['no part of a meta', { metaContains: '' }, [3n, 2n, 1n]],
        ['a prefix and a part', { metaPrefix: 'north', metaContains: '1' }, [1n]],
        ['a percent sign, which is no wildcard', { metaPrefix: '%' }, []],
        ['an underscore, which is no wildcard', { metaPrefix: 'north_' }, []],
        ['an address prefix', { addressPrefix: '10.0.' }, [2n, 1n]],
        ['a whole address', { addressPrefix: '10.0.0.2:1' }, [2n]],
        ['an address of nobody', { addressPrefix: '11.' }, []],
        ['a method', { method: 'status' }, [2n, 1n]],
        ['a method of one', { method: 'reboot' }, [1n]],
        ['a prefix of a method', { method: 'stat' }, []],
        ['a label', { labels: { site: 'a' } }, [3n, 2n]],
        ['two labels', { labels: { site: 'a', kind: 'x' } }, [3n]],
        ['a label with another value', { labels: { site: 'b' } }, []],
        ['a label that every object seems to have', { labels: { constructor: 'x' } }, []],
        ['no label at all', { labels: {} }, [3n, 2n, 1n]],
        ['two labels and a method', { labels: { site: 'a', kind: 'x' }, method: 'status' }, []],
        ['a start, which is included', { startAt: 20 }, [3n, 2n]],
        ['an end, which is not', { endAt: 20 }, [1n]],
        ['a range', { startAt: 10, endAt: 30 }, [2n, 1n]],
        ['a range turned round', { startAt: 30, endAt: 10 }, []],
        ['a start of 0', { startAt: 0, endAt: 11 }, [1n]],
        ['several at once', { metaPrefix: 'north', addressPrefix: '10.', method: 'status', startAt: 11 }, [2n]],
        ['several that no edge has together', { metaPrefix: 'south', method: 'status' }, []],
        ['an id and a method it has', { edgeId: 1n, method: 'reboot' }, [1n]],
        ['an id and a method it has not', { edgeId: 2n, method: 'reboot' }, []],
      ] as const)('by %s', async (_, query, ids) => {
        expect(await registry.listEdges(query)).toMatchObject({ count: ids.length })
        expect(await edgeIds(query)).toEqual(ids)
      })

      it.each([
        [{}, ['reboot', 'status']],
        [{ direction: 'desc' }, ['status', 'reboot']],
        [{ edgeId: 2n }, ['status']],
        [{ metaPrefix: 'south' }, []],
        [{ metaPrefix: 'north' }, ['reboot', 'status']],
        [{ labels: { site: 'a' } }, ['status']],
        [{ startAt: 11 }, ['status']],
        [{ page: 2, pageSize: 1 }, ['status'], 2],
      ] as const)('distinct methods of %o', async (query, names, count: number = names.length) => {
        expect(await registry.listEdgeMethods(query)).toMatchObject({ items: names, count })
      })
    })

    describe('order and pages', () => {
      beforeEach(() => {
        registry.addEdge(testEdge({ edgeId: 5n, meta: 'b', address: 'z', at: 20 }))
        registry.addEdge(testEdge({ edgeId: 3n, meta: 'ab', address: 'y', at: 10 }))
        registry.addEdge(testEdge({ edgeId: 4n, meta: 'a', address: 'y', at: 10 }))
        registry.addEdge(testEdge({ edgeId: 6n, meta: '\u{ff}', address: 'x', at: 30 }))
      })

      it.each([
        [{}, [6n, 5n, 4n, 3n]],
        [{ direction: 'asc' }, [3n, 4n, 5n, 6n]],
        [{ orderBy: 'edgeId', direction: 'asc' }, [3n, 4n, 5n, 6n]],
        [{ orderBy: 'address', direction: 'asc' }, [6n, 3n, 4n, 5n]],
        [{ orderBy: 'address' }, [5n, 4n, 3n, 6n]],
        [{ orderBy: 'meta', direction: 'asc' }, [4n, 3n, 5n, 6n]],
        [{ orderBy: 'meta', direction: 'desc' }, [6n, 5n, 3n, 4n]],
        [{ orderBy: 'meta', metaPrefix: 'a' }, [3n, 4n]],
        [{ orderBy: 'address', direction: 'asc', startAt: 11 }, [6n, 5n]],
      ] as const)('%o', async (query, ids) => {
        expect(await edgeIds(query)).toEqual(ids)
      })

      it('cuts pages that together are everything, and counts before it cuts', async () => {
        const pages = []
        for (const page of [1, 2, 3]) {
          const { items, count } = await registry.listEdges({ page, pageSize: 3 })
          expect(count).toBe(4)
          pages.push(items.map(({ edgeId }) => edgeId))
        }
        expect(pages).toEqual([[6n, 5n, 4n], [3n], []])
      })

      it('orders text by code points, not by the halves that some have two of', async () => {
        const addresses = ['\u{1f600}', '\u{fffd}', '\u{d7ff}', 'a', 'a\0', '']
        for (const [index, address] of addresses.entries()) registry.addService(testService({ serviceId: BigInt(index + 1), name: address, address }))
        const ascending = ['', 'a', 'a\0', '\u{d7ff}', '\u{fffd}', '\u{1f600}']
        for (const orderBy of ['address', 'name'] as const) {
          const { items } = await registry.listServices({ orderBy, direction: 'asc' })
          expect(items.map((item) => item[orderBy])).toEqual(ascending)
        }
        expect(await serviceIds({ addressPrefix: '\u{d7ff}' })).toEqual([3n])
        expect(await serviceIds({ namePrefix: 'a\0' })).toEqual([5n])
      })

      it('orders metas by their beginning, and finds them by more', async () => {
        const long = 'x'.repeat(300)
        for (const [index, meta] of [`${long}b`, `${long}a`, long, 'x'.repeat(256), 'y'].entries()) {
          registry.addEdge(testEdge({ edgeId: BigInt(100 + index), meta }))
        }
        expect(await edgeIds({ orderBy: 'meta', direction: 'asc', metaPrefix: 'x' })).toEqual([100n, 101n, 102n, 103n])
        expect(await edgeIds({ orderBy: 'meta', direction: 'asc', metaPrefix: long })).toEqual([100n, 101n, 102n])
        expect(await edgeIds({ metaPrefix: `${long}a` })).toEqual([101n])
        expect(await edgeIds({ metaContains: 'xb' })).toEqual([100n])
        const bytes = new Uint8Array(260).fill(0xff)
        registry.addEdge({ ...testEdge({ edgeId: 200n }), meta: bytes })
        expect(await edgeIds({ metaPrefix: bytes.subarray(0, 2) })).toEqual([200n])
        expect(await edgeIds({ metaPrefix: bytes })).toEqual([200n])
      })

      it('finds nothing on a page far behind the last', async () => {
        expect(await registry.listEdges({ page: Number('9223372036854775807') })).toMatchObject({ items: [], count: 4 })
      })

      it('puts 100 on a page unless asked for more', async () => {
        for (let id = 100n; id < 300n; id++) registry.addEdge(testEdge({ edgeId: id }))
        expect((await registry.listEdges()).items).toHaveLength(100)
        expect((await registry.listEdges({ pageSize: Infinity })).items).toHaveLength(204)
        expect((await registry.listEdges({ pageSize: Infinity, page: 2 })).items).toHaveLength(0)
      })

      it.each([
        { page: 0 },
        { page: 1.5 },
        { pageSize: 0 },
        { pageSize: -1 },
        { pageSize: Number.NaN },
        { orderBy: 'colour' as 'at' },
        { direction: 'up' as 'asc' },
      ])('refuses %o', async (query) => {
        await expect(registry.listEdges(query)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        await expect(registry.listServices(query)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      })
    })

    describe('cursors', () => {
      type Walk = Omit<NonNullable<Parameters<Registry['listEdges']>[0]>, 'after'>

      async function walk(query: Walk, between: () => void = () => undefined): Promise<bigint[]> {
        const ids: bigint[] = []
        let after: string | undefined = undefined
        do {
          const page: Page<EdgeEntry> = await registry.listEdges({ ...query, after })
          ids.push(...page.items.map(({ edgeId }) => edgeId))
          after = page.next
          between()
        } while (after !== undefined)
        return ids
      }

      const orders = (['at', 'edgeId', 'address', 'meta'] as const).flatMap((orderBy) =>
        (['asc', 'desc'] as const).map((direction) => ({ orderBy, direction })),
      )

      it.each(orders)('go through everybody in the order of %o', async (order) => {
        for (let id = 1n; id <= 50n; id++) {
          const [at, address, meta] = [Number(id % 5n), `10.0.0.${(id % 7n).toString()}`, (id % 3n).toString()]
          registry.addEdge(testEdge({ edgeId: 2n ** 63n - 25n + id, at, address, meta, methods: id % 2n === 0n ? ['even'] : [] }))
        }
        for (const filter of [{}, { method: 'even' }, { metaPrefix: '1' }]) {
          const all = await edgeIds({ ...order, ...filter })
          expect(await walk({ ...order, ...filter, pageSize: 4 })).toEqual(all)
        }
      })

      it.each(orders)('show nobody twice and miss nobody who stays, in the order of %o', async (order) => {
        const changing = new Map<bigint, TestEdge>()
        let turn = 0
        const fields = (edgeId: bigint): Parameters<typeof testEdge>[0] => {
          const value = (Number(edgeId) * 7 + turn * 13) % 40
          return { edgeId, at: 1_000 + value, address: `10.0.0.${value.toString()}`, meta: value.toString() }
        }
        const staying = Array.from({ length: 40 }, (_, index) => BigInt(index * 2 + 1))
        for (const edgeId of staying) registry.addEdge(testEdge(fields(edgeId)))
        for (let edgeId = 2n; edgeId <= 80n; edgeId += 2n) changing.set(edgeId, testEdge(fields(edgeId)))
        for (const edge of changing.values()) registry.addEdge(edge)
        const seen = await walk({ ...order, pageSize: 7 }, () => {
          turn++
          for (const [edgeId, edge] of changing) {
            if ((Number(edgeId) + turn) % 3 === 0) continue
            registry.removeEdge(edge)
            const again = testEdge(fields(edgeId))
            changing.set(edgeId, again)
            registry.addEdge(again)
          }
          registry.addEdge(testEdge({ ...fields(1_000n + BigInt(turn)) }))
        })
        expect(new Set(seen).size).toBe(seen.length)
        expect(seen).toEqual(expect.arrayContaining(staying))
        expect(seen.filter((id) => id >= 1_000n)).toEqual([])
      })

      it('go on behind an edge that has gone, and behind one that came back', async () => {
        const edges = [1n, 2n, 3n, 4n, 5n].map((edgeId) => testEdge({ edgeId }))
        for (const edge of edges) registry.addEdge(edge)
        const first = await registry.listEdges({ orderBy: 'edgeId', direction: 'asc', pageSize: 2 })
        registry.removeEdge(edges[1]!)
        registry.removeEdge(edges[3]!)
        registry.addEdge(edges[3]!)
        const second = await registry.listEdges({ orderBy: 'edgeId', direction: 'asc', pageSize: 2, after: first.next })
        expect(second.items.map(({ edgeId }) => edgeId)).toEqual([3n, 5n])
        expect(second).toMatchObject({ count: 4, next: undefined })
      })

      it('go through names', async () => {
        const names = Array.from({ length: 25 }, (_, index) => `m${String.fromCharCode(97 + index)}`)
        for (const [index, name] of names.entries()) {
          registry.addEdge(testEdge({ edgeId: BigInt(index + 1), methods: [name, 'both'], meta: index < 10 ? 'first' : 'second' }))
        }
        for (const [query, expected] of [
          [{}, ['both', ...names]],
          [{ direction: 'desc' }, [...names.toReversed(), 'both']],
          [{ metaPrefix: 'first' }, ['both', ...names.slice(0, 10)]],
        ] as const) {
          const seen: string[] = []
          let after: string | undefined = undefined
          do {
            const page: Page<string> = await registry.listEdgeMethods({ ...query, pageSize: 4, after })
            expect(page.count).toBe(expected.length)
            seen.push(...page.items)
            after = page.next
          } while (after !== undefined)
          expect(seen).toEqual(expected)
        }
      })

      it('are absent on the last page', async () => {
        for (const edgeId of [1n, 2n]) registry.addEdge(testEdge({ edgeId, methods: [`m${edgeId.toString()}`] }))
        expect(await registry.listEdges({ pageSize: 2 })).toMatchObject({ next: undefined })
        expect(await registry.listEdges({ pageSize: Infinity })).toMatchObject({ next: undefined })
        expect(await registry.listEdges({ page: 2, pageSize: 1 })).toMatchObject({ next: undefined })
        expect(await registry.listEdgeMethods({ pageSize: 2 })).toMatchObject({ next: undefined })
        expect((await registry.listEdges({ pageSize: 1 })).next).toBeTypeOf('string')
      })

      it('are refused when they are none, of another query or of another registry', async () => {
        for (const edgeId of [1n, 2n]) registry.addEdge(testEdge({ edgeId, methods: [`m${edgeId.toString()}`] }))
        const { next: after } = await registry.listEdges({ pageSize: 1 })
        const other = await create()
        const refused = { code: 'INVALID_ARGUMENT' }
        for (const wrong of ['', 'x', '!!', 'bnVsbA', 'W10', '0', after!.slice(0, -4), `${after!}AAAA`]) {
          await expect(registry.listEdges({ after: wrong })).rejects.toMatchObject(refused)
        }
        await expect(registry.listEdges({ after, direction: 'asc' })).rejects.toMatchObject(refused)
        await expect(registry.listEdges({ after, orderBy: 'meta' })).rejects.toMatchObject(refused)
        await expect(registry.listEdges({ after, metaPrefix: 'a' })).rejects.toMatchObject(refused)
        await expect(registry.listEdges({ after, page: 2 })).rejects.toMatchObject(refused)
        await expect(registry.listServices({ after })).rejects.toMatchObject(refused)
        await expect(registry.listEdgeMethods({ after })).rejects.toMatchObject(refused)
        await expect(other.listEdges({ after })).rejects.toMatchObject(refused)
        await expect(registry.listEdges({ after, pageSize: 5 })).resolves.toMatchObject({ count: 2 })
        await other.close()
      })
    })

    describe('services', () => {
      let alpha: TestService

      beforeEach(() => {
        alpha = testService({ serviceId: 2n ** 63n + 5n, name: 'alpha', at: 10, methods: ['echo', 'add'], topics: ['t.a', 'shared'] })
        registry.addService(alpha)
        registry.addService(
          testService({ serviceId: 2n, name: 'alphabet', at: 20, address: '10.2.0.1:1', methods: ['echo'], topics: ['shared'] }),
        )
        registry.addService(testService({ serviceId: 3n, name: '', at: 30, labels: { zone: 'z1' } }))
      })

      it('gives back what was added, until it goes', async () => {
        const fields = { serviceId: alpha.serviceId, name: 'alpha', at: 10, methods: ['echo', 'add'], topics: ['t.a', 'shared'] }
        expect(await registry.getService(alpha.serviceId)).toMatchObject(fields)
        expect(registry.serviceCount).toBe(3)
        registry.removeService(alpha)
        expect(await registry.getService(alpha.serviceId)).toBeUndefined()
        expect(await registry.listServiceMethods()).toMatchObject({ items: ['echo'], count: 1 })
        expect(await registry.listServiceTopics()).toMatchObject({ items: ['shared'], count: 1 })
        expect(await serviceIds({ name: 'alpha' })).toEqual([])
        expect(registry.serviceCount).toBe(2)
      })

      it('replaces a record of the same id', async () => {
        registry.addService(testService({ serviceId: 2n, name: 'newcomer' }))
        expect(await registry.getService(2)).toMatchObject({ name: 'newcomer', methods: [] })
        expect(await serviceIds({ name: 'alphabet' })).toEqual([])
      })

      it.each([
        ['nothing', {}, [3n, 2n, 2n ** 63n + 5n]],
        ['an id above 2^63', { serviceId: 2n ** 63n + 5n }, [2n ** 63n + 5n]],
        ['a name', { name: 'alpha' }, [2n ** 63n + 5n]],
        ['no name', { name: '' }, [3n]],
        ['a name prefix', { namePrefix: 'alpha' }, [2n, 2n ** 63n + 5n]],
        ['an empty name prefix', { namePrefix: '' }, [3n, 2n, 2n ** 63n + 5n]],
        ['a method', { method: 'echo' }, [2n, 2n ** 63n + 5n]],
        ['a topic', { topic: 't.a' }, [2n ** 63n + 5n]],
        ['a topic of several', { topic: 'shared' }, [2n, 2n ** 63n + 5n]],
        ['a method and a topic', { method: 'add', topic: 'shared' }, [2n ** 63n + 5n]],
        ['a name and a topic', { name: 'alphabet', topic: 't.a' }, []],
        ['an address prefix', { addressPrefix: '10.2.' }, [2n]],
        ['a label', { labels: { zone: 'z1' } }, [3n]],
        ['a time', { startAt: 20, endAt: 30 }, [2n]],
        ['an order', { orderBy: 'name', direction: 'asc' }, [3n, 2n ** 63n + 5n, 2n]],
        ['an order of ids', { orderBy: 'serviceId' }, [2n ** 63n + 5n, 3n, 2n]],
        ['an order of addresses', { orderBy: 'address', direction: 'asc' }, [3n, 2n ** 63n + 5n, 2n]],
      ] as const)('by %s', async (_, query, ids) => {
        expect(await serviceIds(query)).toEqual(ids)
        expect(await registry.listServices(query)).toMatchObject({ count: ids.length })
      })

      it('lists distinct methods and topics', async () => {
        expect(await registry.listServiceMethods()).toMatchObject({ items: ['add', 'echo'], count: 2 })
        expect(await registry.listServiceMethods({ namePrefix: 'alphab' })).toMatchObject({ items: ['echo'], count: 1 })
        expect(await registry.listServiceTopics({ direction: 'desc' })).toMatchObject({ items: ['t.a', 'shared'], count: 2 })
        expect(await registry.listServiceTopics({ serviceId: 2n })).toMatchObject({ items: ['shared'], count: 1 })
        expect(await registry.listServiceTopics({ page: 2, pageSize: 1 })).toMatchObject({ items: ['t.a'], count: 2 })
      })

      it('keeps up with names that come and go', async () => {
        alpha.methods.add('mul')
        registry.addServiceMethod(alpha, 'mul')
        alpha.topics.add('news')
        registry.addServiceTopic(alpha, 'news')
        expect(await serviceIds({ method: 'mul', topic: 'news' })).toEqual([alpha.serviceId])
        alpha.methods.delete('mul')
        registry.removeServiceMethod(alpha, 'mul')
        alpha.topics.delete('news')
        registry.removeServiceTopic(alpha, 'news')
        expect(await serviceIds({ method: 'mul' })).toEqual([])
        expect(await serviceIds({ topic: 'news' })).toEqual([])
        expect(await registry.listServiceTopics()).toMatchObject({ items: ['shared', 't.a'], count: 2 })
      })

      it('does not mix up an edge and a service of one id', async () => {
        registry.addEdge(testEdge({ edgeId: 2n, methods: ['ping'] }))
        expect(await registry.listServiceMethods({ serviceId: 2n })).toMatchObject({ items: ['echo'], count: 1 })
        expect(await registry.listEdgeMethods({ edgeId: 2n })).toMatchObject({ items: ['ping'], count: 1 })
      })
    })

    describe('kick', () => {
      it('asks the owner of the links, with the whole id', async () => {
        const asked: bigint[] = []
        const kick = (id: bigint): boolean => asked.push(id) > 0
        const kicking = await create({ kickEdge: kick, kickService: async (id) => kick(id) })
        await kicking.kickEdge(2n ** 63n + 1n)
        await kicking.kickService(7)
        expect(asked).toEqual([2n ** 63n + 1n, 7n])
        await kicking.close()
      })

      it('says who is not online', async () => {
        const kicking = await create({ kickEdge: () => false, kickService: async () => false })
        await expect(kicking.kickEdge(42)).rejects.toMatchObject({ code: 'EDGE_NOT_ONLINE', reason: 'edge 42 is not online' })
        await expect(kicking.kickService(42)).rejects.toMatchObject({ code: 'SERVICE_NOT_ONLINE', reason: 'service 42 is not online' })
        await kicking.close()
      })

      it('says so when it cannot', async () => {
        await expect(registry.kickEdge(1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        await expect(registry.kickService(1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      })
    })

    describe('watch', () => {
      const short = (event: RegistryEvent): string => {
        switch (event.type) {
          case 'online':
          case 'offline':
            return event.role === 'edge'
              ? `${event.type} edge ${event.edge.edgeId.toString()}/${event.edge.generation.toString()} [${event.edge.methods.join()}]`
              : `${event.type} service ${event.service.serviceId.toString()} [${event.service.topics.join()}]`
          case 'registered':
          case 'unregistered':
            return `${event.type} ${event.role} ${event.id.toString()} ${event.kind} ${event.name}`
        }
      }

      it('tells of everything in order', () => {
        const seen: string[] = []
        const watching = registry.watch((event) => seen.push(short(event)))
        const edge = testEdge({ edgeId: 1n, methods: ['a'] })
        registry.addEdge(edge)
        edge.methods.add('b')
        registry.addEdgeMethod(edge, 'b')
        edge.methods.delete('a')
        registry.removeEdgeMethod(edge, 'a')
        registry.addEdge(testEdge({ edgeId: 1n, generation: 2 }))
        const service = testService({ serviceId: 9n, topics: ['t'] })
        registry.addService(service)
        registry.addServiceMethod(service, 'm')
        registry.addServiceTopic(service, 'u')
        registry.removeServiceTopic(service, 'u')
        registry.removeServiceMethod(service, 'm')
        registry.removeService(service)
        expect(seen).toEqual([
          'online edge 1/1 [a]',
          'registered edge 1 method b',
          'unregistered edge 1 method a',
          'offline edge 1/1 [b]',
          'online edge 1/2 []',
          'online service 9 [t]',
          'registered service 9 method m',
          'registered service 9 topic u',
          'unregistered service 9 topic u',
          'unregistered service 9 method m',
          'offline service 9 [t]',
        ])
        watching[Symbol.dispose]()
        registry.addEdge(testEdge({ edgeId: 5n }))
        expect(seen).toHaveLength(11)
      })

      it('says nothing of what changes nothing', () => {
        const edge = testEdge({ methods: ['a'] })
        registry.addEdge(edge)
        const seen: string[] = []
        registry.watch((event) => seen.push(short(event)))
        registry.addEdge(edge)
        registry.addEdgeMethod(edge, 'a')
        registry.removeEdgeMethod(edge, 'never')
        registry.removeEdge(testEdge({ generation: 0 }))
        registry.addEdgeMethod(testEdge({ edgeId: 2n }), 'not online')
        expect(seen).toEqual([])
      })

      it('keeps one order for all listeners, also when one of them changes the registry', () => {
        const edge = testEdge()
        const seen: string[] = []
        registry.watch((event) => {
          if (event.type === 'online') registry.removeEdge(edge)
        })
        registry.watch((event) => seen.push(event.type))
        registry.addEdge(edge)
        expect(seen).toEqual(['online', 'offline'])
      })

      it('goes on when a listener throws, and says so', async () => {
        const errors: unknown[] = []
        const reporting = await create({ onListenerError: (error) => errors.push(error) })
        const seen: string[] = []
        reporting.watch(() => {
          throw new Error('listener')
        })
        reporting.watch((event) => seen.push(event.type))
        reporting.addEdge(testEdge())
        expect(seen).toEqual(['online'])
        expect(errors).toEqual([new Error('listener')])
        await reporting.close()
      })

      it('iterates from the call on, until its signal ends it', async () => {
        const stop = new AbortController()
        const events = registry.watch({ signal: stop.signal })
        registry.addEdge(testEdge({ edgeId: 1n }))
        registry.addEdge(testEdge({ edgeId: 2n }))
        const seen: string[] = []
        for await (const event of events) {
          seen.push(short(event))
          if (seen.length === 2) registry.removeEdge(testEdge({ edgeId: 1n }))
          if (seen.length === 2) stop.abort()
        }
        expect(seen).toEqual(['online edge 1/1 []', 'online edge 2/1 []'])
        expect(await events.next()).toEqual({ done: true, value: undefined })
      })

      it('ends a wait on abort, and does not begin when aborted before', async () => {
        const stop = new AbortController()
        const next = registry.watch({ signal: stop.signal }).next()
        stop.abort()
        expect(await next).toEqual({ done: true, value: undefined })
        expect(await registry.watch({ signal: stop.signal }).next()).toEqual({ done: true, value: undefined })
      })

      it('lets several wait at once', async () => {
        const events = registry.watch()
        const both = Promise.all([events.next(), events.next()])
        registry.addEdge(testEdge({ edgeId: 1n }))
        registry.addEdge(testEdge({ edgeId: 2n }))
        expect((await both).map(({ value }) => value !== undefined && short(value))).toEqual(['online edge 1/1 []', 'online edge 2/1 []'])
        await events.return?.()
      })

      it('ends with BUFFER_FULL when an iterator falls too far behind, after what it had', async () => {
        const events = registry.watch({ maxQueued: 2 })
        for (const edgeId of [1n, 2n, 3n, 4n]) registry.addEdge(testEdge({ edgeId }))
        expect(await events.next()).toMatchObject({ value: { edge: { edgeId: 1n } } })
        expect(await events.next()).toMatchObject({ value: { edge: { edgeId: 2n } } })
        await expect(events.next()).rejects.toMatchObject({ code: 'BUFFER_FULL' })
        expect(await events.next()).toEqual({ done: true, value: undefined })
      })

      it('refuses a queue of no length', () => {
        expect(() => registry.watch({ maxQueued: 0 })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
      })

      it('ends all iterations when it closes, after what they had', async () => {
        const events = registry.watch()
        registry.addEdge(testEdge())
        await registry.close()
        expect(await events.next()).toMatchObject({ done: false })
        expect(await events.next()).toEqual({ done: true, value: undefined })
        expect(registry.edgeCount).toBe(0)
      })
    })
  })
}
