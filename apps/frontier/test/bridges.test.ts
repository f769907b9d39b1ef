import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { connectEdge } from '@frontier/edge'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startGateway, type Gateway } from './support/gateway.js'

// What an operator sees of bridges: one that works, and one whose other side is not there.

const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(request.url === '/full' ? 413 : 204).end())
})
let gateway: Gateway

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const webhook = `webhook: { enable: true, url: "http://127.0.0.1:${port}/{topic}", producer: { topics: ["sensors.>", full] } }`
  gateway = await startGateway([], { more: ['mqm:', `  ${webhook}`, '  redis: { enable: true, addrs: ["127.0.0.1:1"], producer: { channels: ["*"] } }'] })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  server.close()
})

describe('bridges', () => {
  it('tells of each, in a table and as JSON', async () => {
    const edge = await connectEdge(gateway.edgebound)
    await edge.publish('sensors.kitchen', '21.5')
    await expect(edge.publish('full', 'x')).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    await expect(edge.publish('other', 'x', { timeoutMs: 300 })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    edge.abort()

    const { exitCode, out } = await gateway.run(['bridges'])
    expect(exitCode).toBe(0)
    const [titles, ...rows] = out.trimEnd().split('\n')
    expect(titles).toMatch(/^NAME +STATE +PUBLISHED +REFUSED +WAITING +DELIVERED +DEAD +TOPICS +LAST ERROR \(UTC\)$/)
    expect(rows.find((row) => row.startsWith('webhook'))).toMatch(/^webhook +online +1 +1 +0 +0 +0 +sensors\.> full /)
    expect(rows.find((row) => row.startsWith('redis'))).toMatch(/^redis +(offline|connecting) +0 +1 +0 +0 +0 +\* +\d{4}-\d\d-\d\d \S+ BRIDGE_UNAVAILABLE: .*ECONNREFUSED/)

    const { bridges } = await gateway.json(['bridges'])
    expect(bridges).toHaveLength(2)
    expect(bridges.find(({ name }: { name: string }) => name === 'webhook')).toMatchObject({ topics: ['sensors.>', 'full'], state: 'online', published: '1', refused: '1', dead_lettered: '0' })
  })
})
