// How long queries take and how long they hold the event loop, 100,000 edges being online. Run: npx vitest bench --run packages/registry
import { monitorEventLoopDelay } from 'node:perf_hooks'

import { createMemoryRegistry, openSqliteRegistry, type EdgeQuery, type EdgeRecord, type Page, type Registry } from '@frontier/registry'
import { afterAll, bench, describe } from 'vitest'

import { isSqliteInstalled } from './sqlite-installed.js'

const EDGES = 100_000
const FIRST_AT = 1_795_326_784_000
const COMMON = ['ping', 'status']
const RARE = ['ping', 'reboot']

function makeEdge(index: number): EdgeRecord {
  const site = `s${(index % 100).toString()}`
  return {
    edgeId: 7_710_869_827_045_607_286n + BigInt((index * 7_919) % EDGES),
    meta: new TextEncoder().encode(JSON.stringify({ site, index })),
    labels: { site, kind: `k${(index % 3).toString()}` },
    address: `10.${(index >> 16).toString()}.${((index >> 8) & 255).toString()}.${(index & 255).toString()}:30000`,
    generation: index,
    at: FIRST_AT + index,
    methods: index % 10 === 0 ? RARE : COMMON,
  }
}

const queries: Record<string, EdgeQuery> = {
  'first page': {},
  'page 500 by its number': { page: 500 },
  'by a method that all have': { method: 'ping' },
  'by a method that a tenth has': { method: 'reboot' },
  'by a label': { labels: { site: 's7' } },
  'by two labels': { labels: { site: 's7', kind: 'k1' } },
  'by a prefix of the meta': { metaPrefix: '{"site":"s1' },
  'by a prefix of the address': { addressPrefix: '10.0.1' },
  'in the order of ids': { orderBy: 'edgeId', direction: 'asc' },
  'by time, label, method and meta': { startAt: FIRST_AT + 1_000, labels: { site: 's7' }, method: 'ping', metaPrefix: '{"site"' },
  'by a part of the meta (a scan)': { metaContains: '"s77"' },
}

const backends: Record<string, () => Promise<Registry>> = {
  memory: () => Promise.resolve(createMemoryRegistry()),
  ...(isSqliteInstalled ? { sqlite3: () => openSqliteRegistry() } : {}),
}

const records = Array.from({ length: EDGES }, (_, index) => makeEdge(index))

for (const [backend, open] of Object.entries(backends)) {
  const registry = await open()
  for (const record of records) registry.addEdge(record)
  const { next } = await registry.listEdges({ pageSize: EDGES / 2 })
  let after = next
  let changed = 0

  describe(backend, () => {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    const measured = (name: string, query: () => Promise<Page<unknown>>): void => {
      const ask = async (): Promise<void> => {
        await query()
      }
      bench(name, ask, {
        time: 500,
        setup: () => {
          delay.reset()
          delay.enable()
        },
        teardown: () => {
          delay.disable()
          process.stdout.write(`${backend}, ${name}: longest pause ${(delay.max / 1e6).toFixed(1)} ms\n`)
        },
      })
    }
    for (const [name, query] of Object.entries(queries)) measured(name, () => registry.listEdges(query))
    measured('page 500 and on by cursor', async () => {
      const page: Page<unknown> = await registry.listEdges({ after })
      after = page.next ?? next
      return page
    })
    measured('first page, 1,000 changes later', () => {
      for (let count = 0; count < 500; count++) {
        const edge = records[changed++ % EDGES]!
        registry.removeEdge(edge)
        registry.addEdge(edge)
      }
      return registry.listEdges()
    })
    afterAll(() => registry.close())
  })
}
