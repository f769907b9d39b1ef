import { createRequire } from 'node:module'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually } from '../test/raw-peer.js'
import { testGateway } from '../test/test-gateway.js'
import { createFrontier } from './frontier.js'

const isSqliteInstalled = ((): boolean => {
  try {
    createRequire(import.meta.url)('better-sqlite3')
    return true
  } catch {
    return false
  }
})()

describe('dao.backend', () => {
  it.each(['memory', 'buntdb', ...(isSqliteInstalled ? (['sqlite3', 'sqlite'] as const) : [])] as const)('%s knows who is online', async (backend) => {
    await using gateway = await testGateway({ dao: { backend } })
    const edge = await gateway.edge({ id: 2n ** 64n - 1n, methods: ['reboot'], labels: { site: 'a' } })
    const { registry } = gateway.frontier
    expect(await registry.listEdges({ method: 'reboot', labels: { site: 'a' } })).toMatchObject({ count: 1, items: [{ edgeId: 2n ** 64n - 1n }] })
    await registry.kickEdge(2n ** 64n - 1n)
    await eventually(() => registry.edgeCount === 0)
    expect(await registry.listEdges()).toMatchObject({ count: 0 })
    expect((await edge.goodbye()).code).toBe('KICKED')
  })

  it.skipIf(!isSqliteInstalled)('sqlite3 does not start with a file that another gateway has, and frees its own', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'frontier-dao-'))
    const file = path.join(folder, 'registry.db')
    const memory = (addr: string): { listen: { network: 'memory'; addr: string } } => ({ listen: { network: 'memory', addr } })
    const config = (name: string): Parameters<typeof createFrontier>[0] => ({
      dao: { backend: 'sqlite3', file },
      edgebound: memory(`dao-edges-${name}`),
      servicebound: memory(`dao-services-${name}`),
    })
    const first = await createFrontier(config('a'))
    await expect(createFrontier(config('b'))).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: expect.stringContaining(file) })
    await first.close()
    await (await createFrontier(config('c'))).close()
    await rm(folder, { recursive: true })
  })
})
