import { encodeFrame, encodeRawFrame, Flag, FrameType, parseKey, readId, readType } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { connectEdge, until, type TestEdge } from './ends.js'
import { FakeGateway, type FakeLink } from './fake-gateway.js'

const quick = { reconnect: { initialDelayMs: 1, maxDelayMs: 4 } }

/** An edge whose gateway only records what comes from now on. */
async function listenTo(gateway: FakeGateway): Promise<{ edge: TestEdge; link: FakeLink; frames: { type: number; id: number; key: string }[] }> {
  const edge = await connectEdge(gateway.address, quick)
  const frames: { type: number; id: number; key: string }[] = []
  gateway.script.onFrame = (_link, bytes, start, end) => {
    const type = readType(bytes, start)
    if (type === FrameType.GOODBYE) return false
    frames.push({ type, id: readId(bytes, start), key: type === FrameType.REFUSE ? parseKey(bytes, start, end) : '' })
    return true
  }
  return { edge, link: gateway.link, frames }
}

describe('a gateway that misbehaves', () => {
  it.each([
    ['opens a stream with an id of ours', encodeFrame({ type: FrameType.OPEN, id: 3, key: 'svc' })],
    ['opens the stream 0', encodeFrame({ type: FrameType.OPEN, id: 0, key: 'svc' })],
    ['sends a frame that only diallers send', encodeFrame({ type: FrameType.REGISTER, id: 1, key: 'x' })],
    ['welcomes twice', encodeFrame({ type: FrameType.WELCOME, id: 1, peer: 1n })],
    ['sends a type that is not known', encodeRawFrame({ type: 0x40 })],
    ['sends a ping above 64 bytes', encodeRawFrame({ type: FrameType.PING, body: new Uint8Array(65) })],
    ['sends a body that does not hold its key', encodeRawFrame({ type: FrameType.OPEN, id: 2, body: new Uint8Array([0, 9, 1]) })],
  ])('is left with PROTOCOL_ERROR when it %s', async (_what, frame) => {
    await using gateway = await FakeGateway.start()
    const { edge, link } = await listenTo(gateway)
    link.send(frame)
    await until(() => link.isClosed)
    expect(link.goodbye).toEqual({ code: 'PROTOCOL_ERROR', isDrain: false })
    await until(() => gateway.links.length === 2 && edge.state === 'online')
    edge.abort()
  })

  it('gets its pings answered, and what comes with later versions ignored', async () => {
    await using gateway = await FakeGateway.start()
    const { edge, link, frames } = await listenTo(gateway)
    link.send(encodeRawFrame({ type: 0x80, body: new Uint8Array(10) }))
    link.send(encodeFrame({ type: FrameType.ACCEPT, id: 99 }))
    link.send(encodeFrame({ type: FrameType.STREAM_RESET, id: 98, key: 'EOF' }))
    link.send(encodeRawFrame({ type: FrameType.PING, id: 5 }))
    await until(() => frames.length === 1)
    expect(frames[0]).toMatchObject({ type: FrameType.PONG, id: 5 })
    edge.abort()
  })

  it('gets no more than 4,096 openings in hand, and 2,048 streams that nobody takes', async () => {
    await using gateway = await FakeGateway.start()
    const { edge, link, frames } = await listenTo(gateway)
    const stalled = edge.onStream(() => undefined, { accept: () => new Promise(() => undefined) })
    for (let n = 1; n <= 4100; n++) link.send(encodeFrame({ type: FrameType.OPEN, id: 2 * n, key: 'svc' }))
    await until(() => frames.length === 4)
    expect(frames.every(({ type, key }) => type === FrameType.REFUSE && key === 'BUFFER_FULL')).toBe(true)
    for (let n = 1; n <= 4096; n++) link.send(encodeFrame({ type: FrameType.STREAM_RESET, id: 2 * n, key: 'CANCELLED' }))
    stalled[Symbol.dispose]()
    const streams = edge.streams()
    for (let n = 5001; n <= 7050; n++) link.send(encodeFrame({ type: FrameType.OPEN, id: 2 * n, key: 'svc' }))
    await until(() => frames.length === 4 + 2050)
    const later = frames.slice(4)
    expect(later.filter(({ type }) => type === FrameType.ACCEPT)).toHaveLength(2048)
    expect(later.filter(({ key }) => key === 'BUFFER_FULL')).toHaveLength(2)
    expect(streams).toBeDefined()
    edge.abort()
  })

  it('gets no more than 16 MiB of meta in hand, and its place back when openings are given up', async () => {
    await using gateway = await FakeGateway.start()
    const { edge, link, frames } = await listenTo(gateway)
    edge.onStream(() => undefined, { accept: () => new Promise(() => undefined) })
    const meta = new Uint8Array(32_000)
    const most = Math.floor(16_777_216 / meta.length)
    for (let n = 1; n <= most + 1; n++) link.send(encodeFrame({ type: FrameType.OPEN, id: 2 * n, key: 'svc', meta }))
    await until(() => frames.length === 1)
    expect(frames).toEqual([{ type: FrameType.REFUSE, id: 2 * (most + 1), key: 'BUFFER_FULL' }])
    link.send(encodeFrame({ type: FrameType.STREAM_RESET, id: 2, key: 'CANCELLED' }))
    for (let n = most + 2; n <= most + 3; n++) link.send(encodeFrame({ type: FrameType.OPEN, id: 2 * n, key: 'svc', meta }))
    await until(() => frames.length === 2)
    expect(frames[1]).toEqual({ type: FrameType.REFUSE, id: 2 * (most + 3), key: 'BUFFER_FULL' })
    edge.abort()
  })

  it('gets PAYLOAD_TOO_LARGE for an opening that never ends', async () => {
    await using gateway = await FakeGateway.start()
    const { edge, link, frames } = await listenTo(gateway)
    edge.onStream(() => undefined)
    const body = new Uint8Array(30_000)
    for (let n = 0; n < 20; n++) link.send(encodeRawFrame({ type: FrameType.OPEN, id: 2, flags: n === 0 ? Flag.MORE : Flag.MORE | Flag.CONT, body }))
    await until(() => frames.length === 1)
    expect(frames[0]).toEqual({ type: FrameType.REFUSE, id: 2, key: 'PAYLOAD_TOO_LARGE' })
    expect(edge.state).toBe('online')
    edge.abort()
  })

  it('gets a refusal, and keeps the link, for an opening whose fragments make no body', async () => {
    await using gateway = await FakeGateway.start()
    const { edge, link, frames } = await listenTo(gateway)
    edge.onStream(() => undefined)
    // More of them than may be collected at once: each gives its place back.
    for (let n = 1; n <= 20; n++) {
      link.send(encodeRawFrame({ type: FrameType.OPEN, id: 2 * n, flags: Flag.MORE, body: new Uint8Array([0, 9]) }))
      link.send(encodeRawFrame({ type: FrameType.OPEN, id: 2 * n, flags: Flag.CONT, body: new Uint8Array([1]) }))
    }
    await until(() => frames.length === 20)
    expect(frames.every(({ type, key }) => type === FrameType.REFUSE && key === 'PROTOCOL_ERROR')).toBe(true)
    expect([edge.state, link.isClosed]).toEqual(['online', false])
    edge.abort()
  })
})
