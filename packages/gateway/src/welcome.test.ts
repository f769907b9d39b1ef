import { describe, expect, it } from 'vitest'
import { testGateway } from '../test/test-gateway.js'

describe('WELCOME', () => {
  it('says all that the protocol has', async () => {
    await using gateway = await testGateway({ edgebound: { ping_interval_seconds: 7, limits: { max_requests_from: 99 } } })
    const before = Date.now() * 1000
    const { welcome } = await gateway.edge({ id: 5n, maxPayloadBytes: 1000 })
    expect(welcome).toEqual({
      id: 5n,
      generation: expect.stringMatching(/^\d{16}$/),
      resume: expect.stringMatching(/^[A-Za-z0-9_-]+$/),
      resumed: false,
      pingIntervalMs: 7000,
      maxFrameBytes: 32_768,
      maxPayloadBytes: 1000,
      maxInFlight: 99,
      gateway: gateway.frontier.startId,
    })
    expect(Number(welcome.generation)).toBeGreaterThanOrEqual(before)
    const service = await gateway.service()
    expect(service.welcome).toMatchObject({ gateway: gateway.frontier.startId, pingIntervalMs: 30_000, maxInFlight: 131_072 })
  })

  it('has a start id of its own per gateway', async () => {
    await using one = await testGateway()
    await using other = await testGateway()
    expect(one.frontier.startId).not.toBe(other.frontier.startId)
  })
})
