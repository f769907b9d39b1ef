import { Link, Sweep } from '@frontier/mux'
import { encodeBodyPrefix, encodeRawFrame, Flag, FrameDecoder, FrameType, readFlags, readId, readType, bodyOffset, splitBody, utf8 } from '@frontier/wire'
import { afterEach, describe, expect, it } from 'vitest'
import { Exchange } from './exchange.js'
import { Peer, type Role } from './peer.js'

const MAX_FRAME_BYTES = 32_768

type BytePipe = ConstructorParameters<typeof Link>[0]
type PipeHandler = Parameters<BytePipe['start']>[0]

interface Sent {
  type: number
  flags: number
  id: number
  body: Uint8Array
  bytes: number
}

/** A peer whose link goes nowhere; `sent` is what the gateway has sent to it. */
interface TestPeer {
  peer: Peer
  sent: Sent[]
  receive(frame: Uint8Array): void
}

const sweep = new Sweep()
const exchange = new Exchange({ sweep })
let lastId = 0n
const peers: Peer[] = []

function testPeer(role: Role, name = ''): TestPeer {
  const sent: Sent[] = []
  const decoder = new FrameDecoder({
    onControlFrame: (bytes, start, end) =>
      void sent.push({
        type: readType(bytes, start),
        flags: readFlags(bytes, start),
        id: readId(bytes, start),
        body: bytes.slice(bodyOffset(bytes, start), end),
        bytes: end - start,
      }),
    onStreamFrame() {},
  })
  let handler: PipeHandler
  const pipe: BytePipe = {
    remoteAddress: 'memory:test',
    queuedBytes: 0,
    start: (other) => void (handler = other),
    write: (chunks) => {
      for (const chunk of chunks) decoder.push(chunk)
    },
    pause() {},
    resume() {},
    end() {},
    destroy() {},
  }
  const idle = { onControlFrame() {}, onStreamFrame() {}, onWritable() {}, onClosed() {} }
  const link = new Link(pipe, idle, { clock: sweep })
  const id = ++lastId
  const peer = new Peer(exchange, link, { role, id, name, meta: new Uint8Array(0), labels: {}, address: 'memory:test', generation: 1, at: 1 })
  link.handler = peer
  exchange.add(peer, { methods: [], topics: [] })
  peers.push(peer)
  return {
    peer,
    sent,
    receive: (frame) => {
      handler.onBytes(frame)
      for (const each of peers) each.link.flush()
    },
  }
}

afterEach(() => {
  for (const peer of peers.splice(0)) peer.link.abort()
})

/** The fragments of an OPEN of stream 1. */
function openFrames(key: string, meta: Uint8Array, peer: bigint, pieceBytes = MAX_FRAME_BYTES - 24): Uint8Array[] {
  const prefix = encodeBodyPrefix(new TextEncoder().encode(key), meta)
  const frames: Uint8Array[] = []
  for (let at = 0; at < prefix.length; at += pieceBytes) {
    const more = at + pieceBytes < prefix.length ? Flag.MORE : 0
    const body = prefix.subarray(at, at + pieceBytes)
    frames.push(encodeRawFrame({ type: FrameType.OPEN, flags: more | (at > 0 ? Flag.CONT : 0), id: 1, peer: at > 0 ? 0n : peer, body }))
  }
  return frames
}

/** Puts the OPEN together that came as `sent`. */
function openOf(sent: readonly Sent[]): { key: string; metaBytes: number; isFilled: boolean } {
  expect(sent.map(({ type }) => type)).toEqual(sent.map(() => FrameType.OPEN))
  expect(sent.map(({ id }) => id)).toEqual(sent.map(() => 2))
  expect(sent.map(({ flags }) => (flags & Flag.CONT) !== 0)).toEqual(sent.map((_, index) => index > 0))
  expect(sent.map(({ flags }) => (flags & Flag.MORE) !== 0)).toEqual(sent.map((_, index) => index < sent.length - 1))
  expect(Math.max(...sent.map(({ bytes }) => bytes))).toBeLessThanOrEqual(MAX_FRAME_BYTES)
  const { key, meta } = splitBody(Buffer.concat(sent.map(({ body }) => body)))
  return { key: utf8(key), metaBytes: meta.length, isFilled: meta.every((byte) => byte === 7) }
}

describe('OPEN', () => {
  it.each([0, 1, MAX_FRAME_BYTES - 24 - 6 - 5, MAX_FRAME_BYTES - 24 - 6 - 4, 100_000, 262_144])('passes a meta of %i bytes on, to a service', (size) => {
    const service = testPeer('service', 'shell')
    const edge = testPeer('edge')
    const meta = new Uint8Array(size).fill(7)
    for (const frame of openFrames('shell', meta, 0n)) edge.receive(frame)
    expect(openOf(service.sent)).toEqual({ key: 'shell', metaBytes: size, isFilled: true })
    expect(edge.sent).toEqual([])
  })

  it.each([0, MAX_FRAME_BYTES - 24 - 6 - 5, MAX_FRAME_BYTES - 24 - 6, 100_000, 262_144])('passes a meta of %i bytes on, to an edge, with the longer key it gets', (size) => {
    const service = testPeer('service', 'shell')
    const edge = testPeer('edge')
    const meta = new Uint8Array(size).fill(7)
    for (const frame of openFrames('', meta, edge.peer.id)) service.receive(frame)
    expect(openOf(edge.sent)).toEqual({ key: 'shell', metaBytes: size, isFilled: true })
  })

  it('takes an empty body for three empty parts', () => {
    const service = testPeer('service', 'shell')
    const edge = testPeer('edge')
    service.receive(encodeRawFrame({ type: FrameType.OPEN, id: 1, peer: edge.peer.id }))
    expect(openOf(edge.sent)).toEqual({ key: 'shell', metaBytes: 0, isFilled: true })
  })

  it('is refused, and taken back from the other end, when there is no end to it', () => {
    const service = testPeer('service', 'shell')
    const edge = testPeer('edge')
    for (const frame of openFrames('shell', new Uint8Array(400_000), 0n)) edge.receive(frame)
    expect(edge.sent.map(({ type, id }) => [type, id])).toEqual([[FrameType.REFUSE, 1]])
    expect(utf8(splitBody(edge.sent[0]!.body).key)).toBe('PAYLOAD_TOO_LARGE')
    expect(service.sent.at(-1)).toMatchObject({ type: FrameType.STREAM_RESET, id: 2 })
    expect(exchange.isQuiet(edge.peer)).toBe(true)
    expect(exchange.isQuiet(service.peer)).toBe(true)
  })

  it('goes nowhere any more once it was refused, by the gateway or by the other end', () => {
    const service = testPeer('service', 'shell')
    const edge = testPeer('edge')
    const [first, ...rest] = openFrames('shell', new Uint8Array(100_000), 0n)
    edge.receive(first!)
    service.receive(encodeRawFrame({ type: FrameType.REFUSE, flags: Flag.ERROR, id: 2 }))
    for (const frame of rest) edge.receive(frame)
    expect(service.sent).toHaveLength(1)
    for (const frame of openFrames('nobody', new Uint8Array(100_000), 0n)) edge.receive(frame)
    expect(edge.sent.map(({ type }) => type)).toEqual([FrameType.REFUSE, FrameType.REFUSE])
    expect(exchange.isQuiet(edge.peer)).toBe(true)
  })
})
