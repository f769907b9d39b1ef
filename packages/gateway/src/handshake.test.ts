import { connect } from 'node:net'
import { encodeFrame, FrameType, HEADER_BYTES, MAX_HELLO_BYTES, toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { eventually, fragmentsOf, RawPeer } from '../test/raw-peer.js'
import { testGateway } from '../test/test-gateway.js'

describe('handshake', () => {
  it('takes a HELLO in fragments, byte by byte', async () => {
    await using gateway = await testGateway()
    const edge = await RawPeer.dial(gateway.frontier.addresses.edgebound)
    const meta = new Uint8Array(70_000).fill(9)
    const hello = encodeFrame({ type: FrameType.HELLO, id: 1, peer: 42n, meta: meta.subarray(0, 200), data: toBytes('{"role":"edge"}') })
    for (const fragment of fragmentsOf(hello, 3)) {
      for (const byte of fragment) edge.pipe.write([Uint8Array.of(byte)])
    }
    expect((await edge.welcomed()).id).toBe(42n)
    const big = await RawPeer.dial(gateway.frontier.addresses.edgebound)
    big.pipe.write(fragmentsOf(encodeFrame({ type: FrameType.HELLO, id: 1, meta, data: toBytes('{"role":"edge"}') }), 4))
    await big.welcomed()
    expect((await gateway.frontier.registry.getEdge(big.id))?.meta).toEqual(meta)
  })

  it('refuses a HELLO of more than 256 KiB', async () => {
    await using gateway = await testGateway()
    const edge = await RawPeer.dial(gateway.frontier.addresses.edgebound)
    const hello = encodeFrame({ type: FrameType.HELLO, id: 1, meta: new Uint8Array(MAX_HELLO_BYTES), data: toBytes('{"role":"edge"}') })
    edge.pipe.write(fragmentsOf(hello, 10))
    expect(await edge.goodbye()).toMatchObject({ code: 'PROTOCOL_ERROR' })
    expect(gateway.frontier.counters().refused).toEqual({ PROTOCOL_ERROR: 1 })
  })

  it('refuses whoever does not begin with HELLO, or does not end it', async () => {
    await using gateway = await testGateway({ edgebound: { handshake_timeout_seconds: 0.2, ping_interval_seconds: 0.5 } })
    const { edgebound } = gateway.frontier.addresses
    const eager = await RawPeer.dial(edgebound)
    eager.send({ type: FrameType.CALL, key: 'm' })
    expect((await eager.goodbye()).code).toBe('PROTOCOL_ERROR')
    const second = await RawPeer.dial(edgebound)
    second.pipe.write([fragmentsOf(encodeFrame({ type: FrameType.HELLO, id: 1, data: toBytes('{"role":"edge"}') }), 2)[1]!])
    expect((await second.goodbye()).code).toBe('PROTOCOL_ERROR')
    const streamer = await RawPeer.dial(edgebound)
    streamer.pipe.write(fragmentsOf(encodeFrame({ type: FrameType.HELLO, id: 1, data: toBytes('{"role":"edge"}') }), 2).slice(0, 1))
    streamer.pipe.write([new Uint8Array(12)])
    expect((await streamer.goodbye()).code).toBe('PROTOCOL_ERROR')
    const slow = await RawPeer.dial(edgebound)
    slow.pipe.write([encodeFrame({ type: FrameType.HELLO, id: 1, data: toBytes('{"role":"edge"}') }).subarray(0, HEADER_BYTES)])
    expect((await slow.goodbye()).code).toBe('TIMEOUT')
    expect(gateway.frontier.counters().refused).toEqual({ PROTOCOL_ERROR: 3, TIMEOUT: 1 })
  })

  it('ignores frames of later versions, and hears a goodbye', async () => {
    await using gateway = await testGateway()
    const edge = await RawPeer.dial(gateway.frontier.addresses.edgebound)
    edge.send({ type: 0x90, data: toBytes('x') })
    edge.hello()
    await edge.welcomed()
    const leaver = await RawPeer.dial(gateway.frontier.addresses.edgebound)
    leaver.send({ type: FrameType.GOODBYE })
    await leaver.ended()
    expect(gateway.frontier.counters().refused).toEqual({ EOF: 1 })
  })

  it('refuses another version and another role than the port has', async () => {
    await using gateway = await testGateway()
    expect(await (await gateway.knockingEdge({ version: 2 })).goodbye()).toMatchObject({ code: 'PROTOCOL_ERROR' })
    const stray = await gateway.knockingEdge({ role: 'service' })
    expect(await stray.goodbye()).toEqual({ code: 'PROTOCOL_ERROR', reason: 'this is the port of edges, and services have another' })
    expect(await (await gateway.knockingService({ role: 'edge' })).goodbye()).toMatchObject({ code: 'PROTOCOL_ERROR' })
    expect(gateway.frontier.exchange.edges.size + gateway.frontier.exchange.services.size).toBe(0)
  })

  it('refuses a dialler that does not take the frames that are forwarded here', async () => {
    await using gateway = await testGateway({ exchange: { max_frame_bytes: 65_536 } })
    expect((await (await gateway.knockingEdge({ maxFrameBytes: 65_535 })).goodbye()).code).toBe('PROTOCOL_ERROR')
    expect((await gateway.edge({ maxFrameBytes: 1_000_000 })).welcome.maxFrameBytes).toBe(65_536)
  })

  it('counts connections that speak something else', async () => {
    await using gateway = await testGateway({ network: 'tcp' })
    const { port } = new URL(gateway.frontier.addresses.edgebound.replace('tcp:', 'http:'))
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(Buffer.from([1, 1, 0, 0])))
    socket.on('error', () => undefined)
    await eventually(() => gateway.frontier.counters().refused['geminio-v1'] === 1)
    socket.destroy()
  })

  it('survives arbitrary bytes behind the first', async () => {
    await using gateway = await testGateway()
    for (let round = 0; round < 50; round++) {
      const peer = await RawPeer.dial(gateway.frontier.addresses.edgebound)
      const noise = Uint8Array.from({ length: 200 }, () => Math.floor(Math.random() * 256))
      noise.set([0xf1, 1, 0, 0, 0, 0, 0, 100])
      peer.pipe.write([noise])
      expect((await peer.goodbye()).code).toBe('PROTOCOL_ERROR')
    }
    await gateway.edge()
  })
})
