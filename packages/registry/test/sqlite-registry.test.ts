import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Worker } from 'node:worker_threads'

import { openSqliteRegistry, type Registry } from '@frontier/registry'
import type { FrontierError } from '@frontier/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { describeRegistry, testEdge, testService } from '../src/registry.contract.js'
import { isSqliteInstalled } from './sqlite-installed.js'

let folder = ''
let files = 0
const newFile = (): string => path.join(folder, `${(++files).toString()}.db`)

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'frontier-registry-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function ids(registry: Registry): Promise<bigint[]> {
  return (await registry.listEdges({ orderBy: 'edgeId', direction: 'asc' })).items.map(({ edgeId }) => edgeId)
}

describe.skipIf(!isSqliteInstalled)('with better-sqlite3', () => {
  describeRegistry('SQLite in memory', (options) => openSqliteRegistry(options))
  describeRegistry('SQLite in a file', (options) => openSqliteRegistry({ ...options, file: newFile() }))

  describe('the file', () => {
    it('forgets who was online when a gateway before crashed', async () => {
      const file = newFile()
      const script = `
        const db = new (require('better-sqlite3'))(process.argv[1])
        db.pragma('application_id = 0x46524e54')
        db.pragma('journal_mode = WAL')
        db.exec("CREATE TABLE edge (seq INTEGER PRIMARY KEY, other TEXT); INSERT INTO edge VALUES (1, 'ghost'); CREATE TABLE old (x)")
        process.kill(process.pid, 'SIGKILL')`
      const crashing = spawn(process.execPath, ['-e', script, file], { cwd: import.meta.dirname })
      expect(await once(crashing, 'exit')).toEqual([null, 'SIGKILL'])
      expect((await stat(file)).size).toBeGreaterThan(0)
      const registry = await openSqliteRegistry({ file })
      expect(await registry.listEdges()).toMatchObject({ items: [], count: 0 })
      registry.addEdge(testEdge({ edgeId: 7n }))
      expect(await ids(registry)).toEqual([7n])
      await registry.close()
    })

    it('is empty when a gateway has ended', async () => {
      const file = newFile()
      const registry = await openSqliteRegistry({ file })
      registry.addEdge(testEdge({ meta: 'a secret of some length' }))
      expect(await ids(registry)).toEqual([1n])
      await registry.close()
      const Database = createRequire(import.meta.url)('better-sqlite3')
      const db = new Database(file, { readonly: true })
      expect(db.prepare('SELECT count(*) AS count FROM edge').get()).toEqual({ count: 0 })
      db.close()
    })

    it('is of one gateway alone', async () => {
      const file = newFile()
      const registry = await openSqliteRegistry({ file })
      await expect(openSqliteRegistry({ file })).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: expect.stringContaining('in use by another gateway') })
      const script = `
        try { new (require('better-sqlite3'))(process.argv[1], { timeout: 0 }).prepare('SELECT * FROM edge').all() } catch (error) { console.log(error.code) }`
      const other = spawn(process.execPath, ['-e', script, file], { cwd: import.meta.dirname })
      const [said] = (await once(other.stdout, 'data')) as [Buffer]
      expect(said.toString()).toContain('SQLITE_BUSY')
      await registry.close()
      await (await openSqliteRegistry({ file })).close()
    })

    it('is left alone when it is something else', async () => {
      const text = newFile()
      await writeFile(text, 'precious')
      await expect(openSqliteRegistry({ file: text })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(await readFile(text, 'utf8')).toBe('precious')
      const database = newFile()
      const Database = createRequire(import.meta.url)('better-sqlite3')
      const db = new Database(database)
      db.exec('CREATE TABLE precious (x); INSERT INTO precious VALUES (1)')
      db.close()
      await expect(openSqliteRegistry({ file: database })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      const again = new Database(database)
      expect(again.prepare('SELECT x FROM precious').get()).toEqual({ x: 1 })
      again.close()
    })

    it('is made anew when it cannot be read any more', async () => {
      const file = newFile()
      const registry = await openSqliteRegistry({ file })
      registry.addEdge(testEdge())
      await registry.listEdges()
      await registry.close()
      const bytes = await readFile(file)
      await writeFile(file, bytes.fill(0x55, 100))
      const again = await openSqliteRegistry({ file })
      again.addEdge(testEdge({ edgeId: 3n }))
      expect(await ids(again)).toEqual([3n])
      await again.close()
    })

    it('says why it cannot be made', async () => {
      const file = path.join(folder, 'no', 'such', 'folder.db')
      await expect(openSqliteRegistry({ file })).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: expect.stringContaining(file) })
    })
  })

  it('sees every change made before a query, also a long row of them', async () => {
    const registry = await openSqliteRegistry()
    const edges = Array.from({ length: 5_000 }, (_, index) => testEdge({ edgeId: BigInt(index + 1), methods: ['ping'] }))
    for (const edge of edges) registry.addEdge(edge)
    for (const edge of edges.slice(0, 2_500)) registry.removeEdge(edge)
    const early = registry.listEdges({ method: 'ping' })
    registry.removeEdge(edges[4_999]!)
    expect((await registry.listEdges({ method: 'ping' })).count).toBe(2_499)
    expect([2_499, 2_500]).toContain((await early).count)
    await registry.close()
  })

  it('is filled anew when its thread could not keep up', async () => {
    const errors: FrontierError[] = []
    const registry = await openSqliteRegistry({ onError: (error) => errors.push(error) })
    const [staying, restless] = [testEdge({ edgeId: 1n, methods: ['ping'] }), testEdge({ edgeId: 2n })]
    registry.addEdge(staying)
    for (let count = 0; count < 100_000; count++) {
      registry.addEdge(restless)
      registry.removeEdge(restless)
    }
    expect(errors.map(({ code }) => code)).toEqual(['UNAVAILABLE'])
    registry.addEdge(testEdge({ edgeId: 3n }))
    const asked = [registry.listEdges({ method: 'ping' }), registry.listEdges()]
    registry.addEdge(testEdge({ edgeId: 4n }))
    expect((await Promise.all(asked)).map(({ count }) => count)[0]).toBe(1)
    expect(await ids(registry)).toEqual([1n, 3n, 4n])
    expect(errors).toHaveLength(1)
    await registry.close()
  })

  it('starts its thread again when that has ended', async () => {
    const threads: Worker[] = []
    const onThread = (thread: Worker): void => void threads.push(thread)
    process.on('worker', onThread)
    const errors: FrontierError[] = []
    const registry = await openSqliteRegistry({ onError: (error) => errors.push(error), file: newFile() })
    registry.addService(testService({ serviceId: 5n, topics: ['t'] }))
    registry.addEdge(testEdge({ edgeId: 1n }))
    await threads[0]?.terminate()
    registry.addEdge(testEdge({ edgeId: 2n }))
    expect(await ids(registry)).toEqual([1n, 2n])
    expect(await registry.listServices({ topic: 't' })).toMatchObject({ count: 1 })
    expect([threads.length, errors.map(({ code }) => code)]).toEqual([2, ['UNAVAILABLE']])
    process.off('worker', onThread)
    await registry.close()
  })

  it('tells the SQL of queries, without what was asked for', async () => {
    const told: [string, number][] = []
    const registry = await openSqliteRegistry({ onSql: (sql, tookMs) => told.push([sql, tookMs]) })
    registry.addService(testService({ name: 'a secret name' }))
    await registry.listServices({ namePrefix: 'a secret' })
    expect(told.map(([sql]) => sql).join('\n')).toMatch(/SELECT count\(\*\) FROM service/)
    expect(told.map(([sql]) => sql).join('\n')).not.toMatch(/secret/)
    expect(told.every(([, tookMs]) => tookMs >= 0)).toBe(true)
    await registry.close()
  })

  it('answers what was asked before it closes, and nothing of what it knew after', async () => {
    const registry = await openSqliteRegistry()
    registry.addEdge(testEdge())
    const asked = registry.listEdges()
    await registry.close()
    expect((await asked).count).toBeLessThan(2)
    expect(await registry.listEdges()).toMatchObject({ items: [], count: 0 })
    await registry.close()
  })
})
