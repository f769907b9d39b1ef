import { createMemoryRegistry, openSqliteRegistry } from '@frontier/registry'
import { describe, expect, it } from 'vitest'

import { FakeBackend } from './fake-backend.js'
import { clientsOf, testPlane } from './test-plane.js'

const sqlite = await openSqliteRegistry().catch(() => undefined)
await sqlite?.close()
const orders = ['', '-online_at', 'online_at', 'edge_id', '-edge_id', 'addr', '-meta']
const backends = [
  ['memory', () => Promise.resolve(createMemoryRegistry())] as const,
  ...(sqlite === undefined ? [] : [['SQLite', () => openSqliteRegistry()] as const]),
]
const cases = backends.flatMap(([backend, open]) => orders.map((order) => ({ backend, open, order })))

describe('listing while 1,000 edges a second come and go', () => {
  it.each(cases)('of a registry in $backend, in the order "$order", shows nobody twice and loses nobody who stays', async ({ open, order }) => {
    const registry = await open()
    await using plane = await testPlane({}, new FakeBackend(registry))
    const { backend } = plane
    const staying = new Set<bigint>()
    for (let id = 1n; id <= 2_000n; id++) {
      backend.addEdge({ edgeId: id * 1_000n, meta: String(id % 7n), address: `10.0.0.${id % 250n}:1`, at: Date.now() - Number(id % 100n) })
      staying.add(id * 1_000n)
    }
    let next = 1n
    const passing: ReturnType<typeof backend.addEdge>[] = []
    const churn = setInterval(() => {
      for (let count = 0; count < 10; count++) {
        passing.push(backend.addEdge({ edgeId: (next++ * 7_919n) % 2_000_000n | 1n, meta: '3', address: '10.0.0.9:2', at: Date.now() }))
        if (passing.length > 50) backend.removeEdge(passing.shift()!)
        // Comes back at once, as an edge that was kicked does.
        const again = passing[Number(next % BigInt(passing.length))]!
        backend.removeEdge(again)
        passing.push(backend.addEdge({ ...again, meta: '5', at: Date.now() }))
      }
    }, 10)
    const { admin } = clientsOf('grpc', plane.url)
    const seen: bigint[] = []
    let cursor = ''
    do {
      const page = await admin.listEdges({ pageSize: 50, cursor, order })
      seen.push(...page.edges.map(({ edgeId }) => edgeId))
      cursor = page.nextCursor
      await new Promise((resolve) => setTimeout(resolve, 5))
    } while (cursor !== '')
    clearInterval(churn)
    await registry.close()
    expect(next).toBeGreaterThan(100n)
    expect(new Set(seen).size).toBe(seen.length)
    expect([...staying].filter((id) => !seen.includes(id))).toEqual([])
  })

  it('goes through services, too, and refuses a cursor of another order', async () => {
    await using plane = await testPlane()
    for (let id = 1n; id <= 25n; id++) plane.backend.addService({ serviceId: id, name: `s${id % 3n}`, labels: { zone: String(id % 2n) } })
    const { admin } = clientsOf('connect', plane.url)
    const seen: bigint[] = []
    let cursor = ''
    do {
      const page = await admin.listServices({ pageSize: 4, cursor, order: 'name', labels: { zone: '1' }, name: 's' })
      expect(page.count).toBe(13n)
      seen.push(...page.services.map(({ serviceId }) => serviceId))
      cursor = page.nextCursor
    } while (cursor !== '')
    expect(new Set(seen).size).toBe(13)
    const { nextCursor } = await admin.listServices({ pageSize: 4 })
    await expect(admin.listServices({ pageSize: 4, order: 'name', cursor: nextCursor })).rejects.toMatchObject({ code: 3 })
    // In the words of the API, not of the registry behind it.
    await expect(admin.listServices({ cursor: 'zzz' })).rejects.toMatchObject({ code: 3, rawMessage: 'the cursor is none that a listing gave' })
  })
})
