import { encodeYamux, YamuxFlag, YamuxType } from '@frontier/mux'
import { encodeBodyPrefix, encodeFrame, encodeRawFrame, Flag, FrameType, toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { type TestPeer, World } from '../test/world.js'

const { OPEN, ACCEPT, REFUSE, STREAM_RESET } = FrameType
const { SYN, ACK, FIN, RST } = YamuxFlag
const GATEWAY_ERROR = Flag.ERROR | Flag.GATEWAY

const streamData = (id: number, length: number, flags = 0): Uint8Array => encodeYamux(YamuxType.DATA, flags, id, length)
const credit = (id: number, bytes: number, flags = 0): Uint8Array => encodeYamux(YamuxType.WINDOW_UPDATE, flags, id, bytes)
const brief = (peer: TestPeer): unknown[][] => peer.received.map(({ type, id, key, flags }) => (type === 'STREAM' ? [type, id, flags] : [type, id, key]))

/** A stream that an edge has opened to a service. */
function opened(options?: ConstructorParameters<typeof World>[0]): { world: World; edge: TestPeer; service: TestPeer; id: number; targetId: number } {
  const world = new World(options)
  const service = world.service('files')
  const edge = world.edge()
  edge.send({ type: OPEN, id: 1, key: 'files' })
  const targetId = service.only.id
  service.send({ type: ACCEPT, id: targetId })
  if (edge.only.type !== 'ACCEPT') throw new Error('not accepted')
  return { world, edge, service, id: 1, targetId }
}

function expectNoStreams(...peers: TestPeer[]): void {
  for (const { peer } of peers) expect(peer.streams).toBeUndefined()
}

describe('opening a stream', () => {
  it('from an edge finds the service by name; both see who the other is', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    edge.send({ type: OPEN, id: 5, key: 'files', meta: toBytes('about'), budgetMs: 3000, peer: 99n })
    const open = service.only
    expect([open.type, open.id, open.key, open.meta, open.peer, open.budgetMs, open.flags]).toEqual(['OPEN', 2, 'files', 'about', edge.peer.id, 3000, 0])
    service.send({ type: ACCEPT, id: 2 })
    expect(edge.only).toMatchObject({ type: 'ACCEPT', id: 5 })
    expect(world.exchange.isQuiet(edge.peer)).toBe(false)
  })

  it('from a service finds the edge by id, and names the service', () => {
    const world = new World()
    const service = world.service('admin')
    const edge = world.edge({ id: 1n << 63n })
    service.send({ type: OPEN, id: 7, peer: 1n << 63n, meta: toBytes('shell') })
    expect(edge.only).toMatchObject({ type: 'OPEN', id: 2, key: 'admin', meta: 'shell', peer: 1n << 63n })
  })

  it('of an unnamed service without meta is an empty body', () => {
    const world = new World()
    const service = world.service('')
    const edge = world.edge()
    service.send({ type: OPEN, id: 1, peer: edge.peer.id })
    expect(edge.only).toMatchObject({ key: '', meta: '' })
  })

  it('passes its trace and unknown flags on', () => {
    const world = new World()
    const service = world.service('s')
    const edge = world.edge()
    service.send({ type: OPEN, id: 1, peer: edge.peer.id, meta: toBytes('x'), trace: new Uint8Array(26).fill(7), flags: 0x4000 })
    const open = edge.only
    expect([open.flags, open.key, open.meta]).toEqual([0x4000 | Flag.TRACE, 's', 'x'])
    expect([...new Set(open.bytes.subarray(24, 50))]).toEqual([7])
  })

  it.each([
    ['an unknown service', 'edge', { key: 'nobody' }, 'SERVICE_NOT_ONLINE'],
    ['no service', 'edge', {}, 'SERVICE_NOT_ONLINE'],
    ['an unknown edge', 'service', { peer: 12345n }, 'EDGE_NOT_ONLINE'],
    ['no edge', 'service', {}, 'EDGE_NOT_ONLINE'],
  ] as const)('to %s is refused', (_, role, fields, code) => {
    const world = new World()
    const opener = role === 'edge' ? world.edge() : world.service('')
    opener.send({ type: OPEN, id: 3, ...fields })
    expect(opener.refusal).toMatchObject({ type: 'REFUSE', id: 3, code, origin: 'gateway' })
    expectNoStreams(opener)
    expect(world.exchange.counters.streamsRefused).toBe(1)
  })

  it('is refused while the gateway drains', () => {
    const { world, edge } = opened()
    world.exchange.isDraining = true
    edge.send({ type: OPEN, id: 3, key: 'files' })
    expect(edge.refusal.code).toBe('DRAINING')
  })

  it('is refused by the acceptor with its own words, in its own name', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    edge.send({ type: OPEN, id: 1, key: 'files' })
    service.send({ type: REFUSE, id: service.only.id, flags: GATEWAY_ERROR, key: 'STREAM_REFUSED', data: toBytes('not now') })
    expect(edge.refusal).toMatchObject({ type: 'REFUSE', id: 1, code: 'STREAM_REFUSED', origin: 'peer', reason: 'not now' })
    expectNoStreams(edge, service)
  })

  it('is settled once, and by nobody but the acceptor', () => {
    const world = new World()
    const service = world.service('files')
    const [edge, other] = [world.edge(), world.edge()]
    edge.send({ type: OPEN, id: 1, key: 'files' })
    const { id } = service.only
    edge.send({ type: ACCEPT, id: 1 }, { type: ACCEPT, id })
    other.send({ type: ACCEPT, id }, { type: REFUSE, id, flags: Flag.ERROR, key: 'EOF' })
    expect(edge.received).toEqual([])
    service.send({ type: ACCEPT, id }, { type: REFUSE, id, flags: Flag.ERROR, key: 'EOF' }, { type: ACCEPT, id })
    expect(brief(edge)).toEqual([['ACCEPT', 1, '']])
    service.send(streamData(id, 5, ACK))
    expect(brief(edge)).toEqual([['STREAM', 1, ACK]])
  })

  it.each([0, 2, 4_000_000_000])('with the id %i ends the link', (id) => {
    const world = new World()
    const edge = world.edge()
    edge.send({ type: OPEN, id, key: 'files' })
    expect(edge.only.key).toBe('PROTOCOL_ERROR')
  })

  it('with an id in use ends the link, and the streams with it', () => {
    const { edge, service, targetId } = opened()
    edge.send({ type: OPEN, id: 1, key: 'files' })
    expect(edge.only.key).toBe('PROTOCOL_ERROR')
    expect(brief(service)).toEqual([['STREAM', targetId, RST]])
    expectNoStreams(edge, service)
  })

  it('stops at the limit of either link', () => {
    const world = new World({ limits: { edge: { maxStreams: 3 }, service: { maxStreams: 5 } } })
    const service = world.service('files')
    const [a, b] = [world.edge(), world.edge()]
    for (const edge of [a, b]) for (let id = 1; id < 9; id += 2) edge.send({ type: OPEN, id, key: 'files' })
    expect(brief(a)).toEqual([['REFUSE', 7, 'BUFFER_FULL']])
    expect(brief(b)).toEqual([
      ['REFUSE', 5, 'BUFFER_FULL'],
      ['REFUSE', 7, 'BUFFER_FULL'],
    ])
    expect(service.received.map(({ id }) => id)).toEqual([2, 4, 6, 8, 10])
  })

  it('stops when the target is behind, and one opener does not fill its queue', () => {
    const world = new World({ limits: { service: { markBytes: 80_000 } } })
    const service = world.service('files')
    service.pipe.isStuck = true
    const openUntilRefused = (edge: TestPeer): void => {
      for (let id = 1; id < 400; id += 2) {
        edge.send({ type: OPEN, id, key: 'files', meta: new Uint8Array(1000) })
        if (edge.received.length > 0) return
      }
      expect.unreachable()
    }
    openUntilRefused(world.edge())
    expect(service.peer.link.queuedBytes).toBeLessThan(24_000)
    for (let i = 0; i < 10; i++) openUntilRefused(world.edge())
    expect(service.peer.link.queuedBytes).toBeLessThan(82_000)
  })

  it('never uses an id of the target twice at once, also after 2^31 streams', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    edge.send({ type: OPEN, id: 1, key: 'files' }, { type: OPEN, id: 3, key: 'files' })
    service.peer.lastStreamId = 0xffff_fffc
    edge.send({ type: OPEN, id: 5, key: 'files' }, { type: OPEN, id: 7, key: 'files' }, { type: OPEN, id: 9, key: 'files' })
    expect(service.received.map(({ id }) => id)).toEqual([2, 4, 0xffff_fffe, 6, 8])
    service.send({ type: ACCEPT, id: 0xffff_fffe })
    expect(edge.only).toMatchObject({ type: 'ACCEPT', id: 5 })
    edge.send(streamData(5, 3, SYN))
    expect(brief(service)).toEqual([['STREAM', 0xffff_fffe, SYN]])
  })

  it('with a malformed body ends the link it came on', () => {
    const { edge, service } = opened()
    service.sendRaw({ type: OPEN, id: 3, peer: edge.peer.id, body: Uint8Array.of(0, 0, 0, 0, 1, 0) })
    expect(service.only.key).toBe('PROTOCOL_ERROR')
    expect(edge.pipe.hasEnded).toBe(false)
  })
})

describe('an OPEN longer than a frame', () => {
  const meta = Uint8Array.from({ length: 90_000 }, (_, at) => at & 0xff)

  function fragments(id: number, key: string, peer: bigint, bytes: Uint8Array = meta): Uint8Array[] {
    const prefix = encodeBodyPrefix(toBytes(key), new Uint8Array(bytes.length))
    prefix.set(bytes, prefix.length - bytes.length)
    const frames: Uint8Array[] = []
    for (let at = 0; at < prefix.length; at += 30_000) {
      const flags = (at > 0 ? Flag.CONT : 0) | (at + 30_000 < prefix.length ? Flag.MORE : 0)
      frames.push(encodeRawFrame({ type: OPEN, id, flags, ...(at === 0 && { peer }), body: prefix.subarray(at, at + 30_000) }))
    }
    return frames
  }

  function assembled(peer: TestPeer): { key: string; meta: Buffer; frames: number } {
    const frames = peer.received
    expect(frames.map(({ flags }) => flags)).toEqual(frames.map((_, at) => (at > 0 ? Flag.CONT : 0) | (at < frames.length - 1 ? Flag.MORE : 0)))
    expect(frames.every(({ bytes }) => bytes.length <= 32_768)).toBe(true)
    expect(new Set(frames.map(({ id }) => id)).size).toBe(1)
    const body = Buffer.concat(frames.map(({ bytes }) => bytes.subarray(24)))
    const keyEnd = 2 + body.readUInt16BE(0)
    expect(body.readUInt32BE(keyEnd)).toBe(body.length - keyEnd - 4)
    return { key: body.subarray(2, keyEnd).toString(), meta: body.subarray(keyEnd + 4), frames: frames.length }
  }

  it('passes fragment by fragment, from either side', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    edge.send(...fragments(1, 'files', 0n))
    const toService = assembled(service)
    expect([toService.key, Buffer.compare(toService.meta, meta)]).toEqual(['files', 0])
    service.send(...fragments(1, '', edge.peer.id))
    const toEdge = assembled(edge)
    expect([toEdge.key, Buffer.compare(toEdge.meta, meta)]).toEqual(['files', 0])
  })

  it('takes a frame more when the name that stands in it now does not fit', () => {
    const world = new World()
    const service = world.service('n'.repeat(1000))
    const edge = world.edge()
    const most = meta.subarray(0, 32_768 - 24 - 6)
    service.send(encodeFrame({ type: OPEN, id: 1, peer: edge.peer.id, meta: most }))
    const { key, meta: received, frames } = assembled(edge)
    expect([key.length, Buffer.compare(received, most), frames]).toEqual([1000, 0, 2])
    expect(edge.pipe.hasEnded).toBe(false)
  })

  it('stops at 256 KiB', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    edge.send(...fragments(1, 'files', 0n, new Uint8Array(262_144)))
    expect(edge.received).toEqual([])
    service.received.length = 0
    edge.send(...fragments(3, 'files', 0n, new Uint8Array(300_000)))
    expect(brief(edge)).toEqual([['REFUSE', 3, 'PAYLOAD_TOO_LARGE']])
    expect(service.received.at(-1)).toMatchObject({ type: 'STREAM_RESET', key: 'PAYLOAD_TOO_LARGE' })
    expect(edge.peer.streams!.size).toBe(1)
  })

  it('that was refused is not passed on', () => {
    const world = new World()
    const edge = world.edge()
    edge.send(...fragments(1, 'nobody', 0n))
    expect(edge.refusal.code).toBe('SERVICE_NOT_ONLINE')
    expectNoStreams(edge)
  })

  it('may be given up in the middle, by either side', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    const [first, ...rest] = fragments(1, 'files', 0n)
    edge.send(first!, { type: STREAM_RESET, id: 1, key: 'CANCELLED' }, ...rest)
    expect(brief(service).at(-1)).toEqual(['STREAM_RESET', 2, 'CANCELLED'])
    const [second, ...more] = fragments(3, 'files', 0n)
    edge.send(second!)
    service.send({ type: REFUSE, id: 4, flags: Flag.ERROR, key: 'STREAM_REFUSED' })
    edge.send(...more)
    expect(brief(edge)).toEqual([['REFUSE', 3, 'STREAM_REFUSED']])
    expect(service.received).toHaveLength(1)
    expectNoStreams(edge, service)
  })
})

describe('an OPEN without an answer', () => {
  it('is given up a second after its budget, on both sides', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    edge.send({ type: OPEN, id: 1, key: 'files', budgetMs: 2000 }, { type: OPEN, id: 3, key: 'files' })
    service.received.length = 0
    world.pass(3000)
    expect([edge.received, service.received]).toEqual([[], []])
    world.pass(500)
    expect(edge.refusal).toMatchObject({ type: 'REFUSE', id: 1, code: 'TIMEOUT' })
    expect(brief(service)).toEqual([['STREAM_RESET', 2, 'TIMEOUT']])
    service.send({ type: ACCEPT, id: 2 }, { type: ACCEPT, id: 4 })
    expect(brief(edge)).toEqual([['ACCEPT', 3, '']])
    world.pass(1_000_000)
    expect(edge.peer.streams!.size).toBe(1)
  })

  it('is not given up once it was accepted', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    edge.send({ type: OPEN, id: 1, key: 'files', budgetMs: 2000 })
    service.send({ type: ACCEPT, id: service.only.id })
    world.pass(10_000)
    expect(brief(edge)).toEqual([['ACCEPT', 1, '']])
  })
})

describe('stream frames', () => {
  it('pass both ways with the ids of the links', () => {
    const { edge, service, id, targetId } = opened()
    edge.send(streamData(id, 10, SYN), streamData(id, 20))
    expect(brief(service)).toEqual([
      ['STREAM', targetId, SYN],
      ['STREAM', targetId, 0],
    ])
    service.send(credit(targetId, 30, ACK))
    expect(brief(edge)).toEqual([['STREAM', id, ACK]])
  })

  it('are for nobody before ACCEPT and after the end', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    edge.send({ type: OPEN, id: 1, key: 'files' }, streamData(1, 10, SYN), streamData(99, 5), credit(2, 5))
    expect(brief(service)).toEqual([['OPEN', 2, 'files']])
    expect(edge.received).toEqual([])
    service.send(streamData(2, 5), { type: ACCEPT, id: 2 }, streamData(2, 5, FIN))
    edge.send(streamData(1, 5, FIN))
    expect(brief(edge)).toEqual([
      ['ACCEPT', 1, ''],
      ['STREAM', 1, FIN],
    ])
    expect(brief(service)).toEqual([['STREAM', 2, FIN]])
    expectNoStreams(edge, service)
    edge.send(streamData(1, 5), credit(1, 5))
    expect(service.received).toEqual([])
    expect(world.exchange.isQuiet(edge.peer)).toBe(true)
  })

  it('cannot be of the streams of others', () => {
    const { world, edge, service, targetId } = opened()
    const other = world.edge()
    other.send(streamData(1, 5), streamData(targetId, 5), credit(1, 5, RST))
    expect([edge.received, service.received]).toEqual([[], []])
  })

  it('beyond the credit end that stream, and no other', () => {
    const { world, edge, service, id, targetId } = opened()
    edge.send({ type: OPEN, id: 3, key: 'files' })
    service.send({ type: ACCEPT, id: service.only.id })
    edge.received.length = 0
    for (let i = 0; i < 8; i++) edge.send(streamData(id, 32_000))
    expect(service.received).toHaveLength(8)
    edge.send(streamData(id, 7000))
    expect(brief(edge)).toEqual([
      ['STREAM_RESET', id, 'PROTOCOL_ERROR'],
      ['STREAM', id, RST],
    ])
    expect(brief(service)).toEqual([
      ['STREAM_RESET', targetId, 'PROTOCOL_ERROR'],
      ['STREAM', targetId, RST],
    ])
    edge.send(streamData(3, 100, SYN))
    expect(service.received).toHaveLength(1)
    expect([edge.peer.streams!.size, world.exchange.counters.streamViolations, edge.pipe.hasEnded]).toEqual([1, 1, false])
  })

  it('that nobody takes end their stream before they fill the memory', () => {
    const { edge, service, id, targetId } = opened({ limits: { service: { maxStreamQueueBytes: 100_000 } } })
    service.pipe.isStuck = true
    for (let i = 0; i < 7; i++) edge.send(streamData(id, 30_000))
    expect(brief(edge)).toEqual([
      ['STREAM_RESET', id, 'SLOW_CONSUMER'],
      ['STREAM', id, RST],
    ])
    expectNoStreams(edge, service)
    service.pipe.isStuck = false
    while (service.peer.link.queuedBytes + service.peer.link.queuedStreamBytes > 0) service.pipe.drain()
    expect(brief(service).at(-1)).toEqual(['STREAM', targetId, RST])
  })

  it('that are no yamux, or of no stream, end the link', () => {
    for (const frame of [encodeYamux(YamuxType.PING, SYN, 1, 0), streamData(0, 5), credit(0, 5), encodeYamux(YamuxType.GO_AWAY, 0, 1, 0)]) {
      const { edge, service } = opened()
      edge.send(frame)
      expect(edge.only.key).toBe('PROTOCOL_ERROR')
      expect(service.pipe.hasEnded).toBe(false)
      expectNoStreams(edge, service)
    }
  })

  it('include pings, which the gateway answers; who never takes the answers is closed', () => {
    const world = new World({ limits: { edge: { maxStreamQueueBytes: 10_000 } } })
    const edge = world.edge()
    edge.send(encodeYamux(YamuxType.PING, SYN, 0, 77))
    expect(brief(edge)).toEqual([['STREAM', 0, ACK]])
    edge.pipe.isStuck = true
    for (let i = 0; !edge.pipe.hasEnded && i < 2000; i++) edge.send(encodeYamux(YamuxType.PING, SYN, 0, i))
    expect(world.offline).toEqual([{ peer: edge.peer, code: 'SLOW_CONSUMER' }])
  })
})

describe('a reset', () => {
  it('before ACCEPT gives the opening up', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    edge.send({ type: OPEN, id: 1, key: 'files' }, { type: STREAM_RESET, id: 1, key: 'CANCELLED', data: toBytes('enough') })
    expect(brief(service)).toEqual([
      ['OPEN', 2, 'files'],
      ['STREAM_RESET', 2, 'CANCELLED'],
    ])
    service.send({ type: ACCEPT, id: 2 })
    expect(edge.received).toEqual([])
    expectNoStreams(edge, service)
  })

  it('of the acceptor before ACCEPT is a refusal', () => {
    const world = new World()
    const service = world.service('files')
    const edge = world.edge()
    edge.send({ type: OPEN, id: 1, key: 'files' })
    service.send({ type: STREAM_RESET, id: service.only.id, key: 'RATE_LIMITED' })
    expect(edge.refusal).toMatchObject({ type: 'REFUSE', id: 1, code: 'RATE_LIMITED', origin: 'peer' })
    expectNoStreams(edge, service)
  })

  it.each(['opener', 'acceptor'])('of the %s ends the stream with its code, behind the data on its way', (who) => {
    const { edge, service, id, targetId } = opened()
    const [from, fromId, to, toId] = who === 'opener' ? [edge, id, service, targetId] : [service, targetId, edge, id]
    from.send(streamData(fromId, 10), { type: STREAM_RESET, id: fromId, key: 'REMOTE_ERROR', data: toBytes('why') }, credit(fromId, 0, RST))
    const seen = to.received
    expect(seen.map(({ type, id: seenId, key, flags }) => (type === 'STREAM' ? [type, seenId, flags] : [type, seenId, key]))).toEqual([
      ['STREAM_RESET', toId, 'REMOTE_ERROR'],
      ['STREAM', toId, 0],
      ['STREAM', toId, RST],
    ])
    expect(from.received).toEqual([])
    expectNoStreams(edge, service)
  })

  it('of an opener that gave up while ACCEPT was on the way leaves nothing behind', () => {
    const { edge, service, targetId } = opened()
    // No RST follows: to the opener the stream was never open.
    edge.send({ type: STREAM_RESET, id: 1, key: 'CANCELLED' })
    expect(brief(service)).toEqual([
      ['STREAM_RESET', targetId, 'CANCELLED'],
      ['STREAM', targetId, RST],
    ])
    expectNoStreams(edge, service)
  })

  it('in masses reaches the other end once', () => {
    const { edge, service } = opened()
    edge.send(...Array.from({ length: 1000 }, () => encodeFrame({ type: STREAM_RESET, id: 1, key: 'CANCELLED' })))
    expect(service.received).toHaveLength(2)
  })

  it('without a word is passed on as it is', () => {
    const { edge, service, id, targetId } = opened()
    edge.send(credit(id, 0, RST))
    expect(brief(service)).toEqual([['STREAM', targetId, RST]])
    expectNoStreams(edge, service)
  })

  it('with a malformed body, like a malformed REFUSE, ends the link it came on', () => {
    const { world, edge, service, targetId } = opened()
    service.sendRaw({ type: STREAM_RESET, id: targetId, body: Uint8Array.of(0, 9) })
    expect(service.only.key).toBe('PROTOCOL_ERROR')
    expect(brief(edge)).toEqual([['STREAM', 1, RST]])
    const other = world.service('other')
    edge.send({ type: OPEN, id: 3, key: 'other' })
    other.sendRaw({ type: REFUSE, id: other.only.id, flags: Flag.ERROR, body: Uint8Array.of(0, 9) })
    expect(other.only.key).toBe('PROTOCOL_ERROR')
    expect(edge.refusal).toMatchObject({ id: 3, code: 'EOF' })
  })
})

describe('when a link ends', () => {
  it('its streams break off behind the data on their way', () => {
    const { world, edge, service, id, targetId } = opened()
    edge.send(streamData(id, 100, SYN))
    edge.leave()
    expect(brief(service)).toEqual([
      ['STREAM', targetId, SYN],
      ['STREAM', targetId, RST],
    ])
    service.send(streamData(targetId, 10), { type: STREAM_RESET, id: targetId, key: 'EOF' })
    expect(service.received).toEqual([])
    expectNoStreams(edge, service)
    expect(world.exchange.isQuiet(service.peer)).toBe(true)
  })

  it('openings fail: the opener is refused, the acceptor is told', () => {
    const world = new World()
    const service = world.service('files')
    const [a, b] = [world.edge(), world.edge()]
    a.send({ type: OPEN, id: 1, key: 'files' })
    b.send({ type: OPEN, id: 1, key: 'files' })
    service.received.length = 0
    a.leave()
    expect(brief(service)).toEqual([['STREAM_RESET', 2, 'EOF']])
    service.leave()
    expect(b.refusal).toMatchObject({ type: 'REFUSE', id: 1, code: 'EOF', retryable: true })
    expectNoStreams(a, b, service)
  })
})
