import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startGateway, type Gateway } from './support/gateway.js'
import { Program } from './support/program.js'

// Every load once, through a real gateway; what it reports, not how fast it was.

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const bench = (...args: string[]) => gateway.json(['bench', ...args, '--edgebound', gateway.edgebound, '--servicebound', gateway.servicebound])

describe('frontier bench', () => {
  it.each(
    ['calls', 'messages', 'streams'].flatMap((workload) => ['to-edges', 'to-services'].map((direction) => [workload, direction] as const)),
  )('%s %s', async (workload, direction) => {
    const size = workload === 'streams' ? 200_000 : 100
    const result = await bench(workload, '--direction', direction, '--duration', '200ms', '-c', '3', '--edges', '2', '--size', String(size))
    expect(result).toMatchObject({ workload, direction, edges: 2, concurrency: 3, size_bytes: size, interrupted: false, failures: {}, links_lost: 0 })
    expect(result.operations).toBeGreaterThan(0)
    expect(result.elapsed_ms).toBeGreaterThanOrEqual(200)
    expect(result.bytes_per_second / result.operations_per_second).toBeCloseTo(size)
    const { min, mean, p50, p99, p99_9, max } = result.latency_us
    for (const [less, more] of [[min, mean], [min, p50], [p50, p99], [p99, p99_9], [p99_9, max]]) expect(less).toBeLessThanOrEqual(more)
    expect(result.gateway).toEqual({ memory_bytes_before: expect.any(Number), memory_bytes_after: expect.any(Number), loop_delay_p99_us: expect.any(Number) })
  })

  it('idle: connects all edges, keeps them, and takes them away again', async () => {
    const before = (await gateway.json(['stats'])).edges
    expect(await bench('idle', '--edges', '50', '--duration', '100ms', '-c', '8')).toMatchObject({ workload: 'idle', operations: 50, failures: {}, links_lost: 0 })
    expect(before).toBe('0')
  })

  it('needs no control plane', async () => {
    const args = ['bench', '--duration', '50ms', '--edgebound', gateway.edgebound, '--servicebound', gateway.servicebound, '--json', '--address', '127.0.0.1:1']
    const { exitCode, out } = await new Program(args).ended
    expect(exitCode).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ workload: 'calls', gateway: null })
  })

  it('5 when nobody is there to be loaded', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const nobody = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.close()
    for (const workload of ['calls', 'idle']) {
      const ending = await gateway.run(['bench', workload, '--duration', '1s', '--edgebound', nobody, '--servicebound', nobody, '--timeout', '300ms'])
      expect(ending).toMatchObject({ exitCode: 5, out: '', error: expect.stringMatching(/^frontier: UNAVAILABLE: .+\n$/) })
    }
  })

  it('2 for what makes no sense', async () => {
    for (const flags of [['--duration', '0'], ['-c', '0'], ['--edges', '0']]) expect((await gateway.run(['bench', ...flags])).exitCode).toBe(2)
  })
})
