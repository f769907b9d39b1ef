import { encodeFrame, FrameType, toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { eventually } from '../test/raw-peer.js'
import { testGateway } from '../test/test-gateway.js'

describe('keep-alive', () => {
  it('ends links from which nothing came for 1.75 intervals, and answers pings of the others', async () => {
    await using gateway = await testGateway({ edgebound: { ping_interval_seconds: 0.2 } })
    const [quiet, lively] = [await gateway.edge(), await gateway.edge()]
    const service = await gateway.service()
    const began = performance.now()
    const pings = setInterval(() => lively.send({ type: FrameType.PING, id: 3, data: toBytes('?') }), 50)
    try {
      await quiet.ended()
      expect(performance.now() - began).toBeGreaterThan(300)
      await eventually(() => performance.now() - began > 1000)
      expect(lively.isEnded).toBe(false)
      // Sides have intervals of their own: the service's is 30 s.
      expect(service.isEnded).toBe(false)
    } finally {
      clearInterval(pings)
    }
    expect((await lively.frame(FrameType.PONG)).id).toBe(3)
    await lively.ended()
    expect(gateway.frontier.registry.edgeCount).toBe(0)
  })

  it('takes any byte for life, also of a frame that is not whole', async () => {
    await using gateway = await testGateway({ edgebound: { ping_interval_seconds: 0.2 } })
    const edge = await gateway.edge()
    const frame = encodeFrame({ type: FrameType.PING, data: new Uint8Array(50) })
    for (const byte of frame.subarray(0, 20)) {
      edge.pipe.write([Uint8Array.of(byte)])
      const next = performance.now() + 60
      await eventually(() => performance.now() > next)
    }
    expect(edge.isEnded).toBe(false)
  })

  it('ends every dead link of many', async () => {
    await using gateway = await testGateway({ edgebound: { ping_interval_seconds: 0.2 } })
    const edges = await Promise.all(Array.from({ length: 300 }, () => gateway.edge()))
    await eventually(() => edges.every((edge) => edge.isEnded))
    expect(gateway.frontier.registry.edgeCount).toBe(0)
  })

  it('cuts off a peer that does not take what waits for it', async () => {
    await using gateway = await testGateway({
      network: 'tcp',
      edgebound: { ping_interval_seconds: 0.4, limits: { queue_mark_bytes: 65_536, queue_hard_mark_bytes: 64 * 1024 * 1024 } },
    })
    // Answers are never dropped: whoever asks and does not read has them queued.
    const service = await gateway.service({ methods: ['big'] })
    service.on('big', () => new Uint8Array(30_000))
    const stuck = await gateway.edge()
    stuck.pipe.pause()
    let id = 0
    await eventually(() => {
      for (let i = 0; i < 20; i++) stuck.send({ type: FrameType.CALL, id: ++id, key: 'big' })
      return gateway.frontier.exchange.counters.slowConsumers > 0
    })
    expect(gateway.frontier.registry.edgeCount).toBe(0)
    expect(service.isEnded).toBe(false)
  })
})
