// Guarantee 10: hostile input from before and after the handshake. A million frames with FRONTIER_NIGHTLY=1.
import { connectEdge, type Edge } from '@frontier/edge'
import type { Status, Stream } from '@frontier/geminio'
import { connectService, type Service } from '@frontier/service'
import { encodeFrame, encodeRawFrame, Flag, FrameType, isFrontierError, toBytes } from '@frontier/wire'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { codeOf } from '../support/code-of.js'
import { figure } from '../support/figures.js'
import { garbageFrame, garbageReaction, slyFrame, slyReaction } from '../support/garbage.js'
import { loopbackGateway, type LoopbackGateway } from '../support/loopback-gateway.js'
import { memoryInUse } from '../support/memory-use.js'
import { encodeHello, RawClient, type ReceivedFrame } from '../support/raw-client.js'

const MIB = 1_048_576
const isNightly = process.env['FRONTIER_NIGHTLY'] === '1'
const FRAMES_PER_RUN = 40
const RUNS = isNightly ? 1_000_000 / FRAMES_PER_RUN / 2 : 100
const FLOOD = isNightly ? 200_000 : 15_000
const PROPERTY_TIMEOUT_MS = isNightly ? 3_600_000 : 60_000

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((all, count) => all + count, 0)

/** A service and an edge that serve everything, and must not notice what others do. */
class Innocents implements AsyncDisposable {
  readonly offline: Status[] = []
  readonly #streams = new Set<Stream>()

  readonly service: Service
  readonly edge: Edge

  private constructor(service: Service, edge: Edge) {
    this.service = service
    this.edge = edge
  }

  static async join(gateway: LoopbackGateway): Promise<Innocents> {
    let innocents: Innocents | undefined = undefined as Innocents | undefined
    const common = {
      methods: {
        m: () => 'x',
        async: async (request: { data: Uint8Array }) => request.data,
        big: () => new Uint8Array(100_000),
        throws: () => {
          throw new Error('no')
        },
      },
      onMessage: async () => undefined,
      onStream: (stream: Stream) => stream.sink(stream).catch(() => undefined),
      onStatus: (status: Status) => {
        if (status.type === 'offline') innocents?.offline.push(status)
      },
    }
    const service = await connectService(gateway.serviceAddress, { name: 's', topics: ['t'], ...common })
    const edge = await connectEdge(gateway.edgeAddress, common)
    innocents = new Innocents(service, edge)
    return innocents
  }

  /** Asks the hostile edge for everything; whatever comes of it is right, if it is a FrontierError. */
  async ask(hostileEdge: bigint): Promise<void> {
    const { service } = this
    const options = { timeoutMs: 300 }
    await Promise.all(
      [
        service.call(hostileEdge, 'x', 'x', options),
        service.call(hostileEdge, 'x', new Uint8Array(150_000), options),
        service.publish(hostileEdge, 'x', options),
        service.publish(hostileEdge, new Uint8Array(150_000), options),
        service.openStream(hostileEdge, options).then(async (stream) => {
          this.#streams.add(stream)
          void stream.closed.then(() => this.#streams.delete(stream))
          await Promise.all([stream.call('x', 'x', options), stream.write(new Uint8Array(1000))].map(onlyFrontierErrors))
        }),
      ].map(onlyFrontierErrors),
    )
    for (const stream of this.#streams) stream.reset()
  }

  /** They still serve each other, on the links they had. */
  async verify(): Promise<void> {
    const { service, edge } = this
    expect(this.offline).toEqual([])
    expect((await edge.call('async', 'ok')).text()).toBe('ok')
    expect((await service.call(edge.id, 'async', 'ok')).text()).toBe('ok')
    expect((await edge.call('big')).data).toHaveLength(100_000)
    await edge.publish('t', 'x')
    await service.publish(edge.id, 'x')
    const stream = await edge.openStream('s')
    await stream.write('through')
    expect(new TextDecoder().decode((await stream[Symbol.asyncIterator]().next()).value)).toBe('through')
    stream.reset()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.edge.close(), this.service.close()])
  }
}

async function onlyFrontierErrors(request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    if (!isFrontierError(error)) throw error
  }
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const header = (type: number, bodyLength: number, flags = 0): Uint8Array => {
  const frame = new Uint8Array(24)
  frame.set([0xf1, type, flags >> 8, flags])
  new DataView(frame.buffer).setUint32(4, bodyLength)
  return frame
}
const hello = (fields: object, id = 1): Uint8Array => encodeFrame({ type: FrameType.HELLO, id, data: toBytes(JSON.stringify(fields)) })

describe('before the handshake', () => {
  const config = { edgebound: { handshake_timeout_seconds: 0.4, sniff_timeout_seconds: 0.2 } }

  it.each([
    ['a byte that begins nothing', [bytes(0xaa)], 'unknown-protocol', ''],
    ['a yamux frame', [new Uint8Array(12)], 'unknown-protocol', ''],
    ['a Go peer', [bytes(1, 1, 0, 0)], 'geminio-v1', ''],
    ['TLS on a plain port', [bytes(0x16, 3, 1, 0)], 'tls-on-plain', ''],
    ['a WebSocket', [toBytes('GET / HTTP/1.1\r\n\r\n')], 'websocket', ''],
    ['silence', [], 'silence', ''],
    ['a header that does not end', [bytes(0xf1, 1)], 'TIMEOUT', 'TIMEOUT'],
    ['a hello that does not end', [header(FrameType.HELLO, 100)], 'TIMEOUT', 'TIMEOUT'],
    ['a huge declared length', [header(FrameType.HELLO, 0xffff_ffff)], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['a frame one byte too long', [header(FrameType.HELLO, 32_768 - 23)], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['a call', [encodeFrame({ type: FrameType.CALL, id: 1, key: 'm' })], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['an unknown type', [header(0x7f, 0)], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['another version', [hello({ role: 'edge' }, 99)], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['no JSON', [encodeFrame({ type: FrameType.HELLO, id: 1, data: toBytes('{') })], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['no object', [hello([])], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['the wrong role', [hello({ role: 'service' })], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['the wrong types', [hello({ role: 'edge', methods: [1] })], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['reserved names', [hello({ role: 'edge', methods: ['edge_online'] })], 'PERMISSION_DENIED', 'PERMISSION_DENIED'],
    ['a body that leaves the frame', [encodeRawFrame({ type: FrameType.HELLO, id: 1, body: bytes(0xff, 0xff) })], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['the end of a hello', [encodeRawFrame({ type: FrameType.HELLO, flags: Flag.CONT, id: 1 })], 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['a hello in two beginnings', [0, 1].map(() => encodeRawFrame({ type: FrameType.HELLO, flags: Flag.MORE, id: 1, body: bytes(0) })), 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
    ['a hello above 256 KiB', Array.from({ length: 9 }, (_, i) => encodeRawFrame({ type: FrameType.HELLO, flags: i === 0 ? Flag.MORE : Flag.MORE | Flag.CONT, id: 1, body: new Uint8Array(32_000) })), 'PROTOCOL_ERROR', 'PROTOCOL_ERROR'],
  ])('%s ends that link and is counted', async (_, writes, reason, code) => {
    await using gateway = await loopbackGateway(config)
    await using client = await RawClient.dial(gateway.edgeAddress)
    for (const write of writes) client.write(write)
    expect(await client.goodbye()).toBe(code)
    await vi.waitFor(() => expect(gateway.frontier.counters().refused).toEqual({ [reason]: 1 }))
    expect(gateway.frontier.registry.edgeCount).toBe(0)
  })

  it('a hello that drips in byte by byte is cut off at the deadline of the whole', async () => {
    await using gateway = await loopbackGateway(config)
    await using client = await RawClient.dial(gateway.edgeAddress)
    const frame = encodeHello({ meta: 'x'.repeat(2000) })
    let at = 0
    const drip = setInterval(() => client.write(frame.subarray(at, ++at)), 10)
    expect(await client.goodbye()).toBe('TIMEOUT')
    clearInterval(drip)
  })

  it('random bytes end the link, and every one is counted', async () => {
    await using gateway = await loopbackGateway(config)
    let count = 0
    const anyBytes = fc.uint8Array({ minLength: 2, maxLength: 300 })
    // Half of them begin as frames do, some go on as a hello would.
    const begun = fc.tuple(fc.constantFrom([0xf1], [0xf1, 1], [0xf1, 1, 0, 0, 0, 0]), anyBytes).map(([start, rest]) => Uint8Array.from([...start, ...rest]))
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyBytes, begun), fc.boolean(), async (input, isForServices) => {
        await using client = await RawClient.dial(isForServices ? gateway.serviceAddress : gateway.edgeAddress)
        client.write(input)
        client.socket.end()
        await client.goodbye()
        count++
      }),
      { numRuns: isNightly ? 10_000 : 300 },
    )
    await vi.waitFor(() => expect(sum(gateway.frontier.counters().refused)).toBe(count), { timeout: 5000 })
    expect(gateway.frontier.registry.edgeCount + gateway.frontier.registry.serviceCount).toBe(0)
  }, PROPERTY_TIMEOUT_MS)

  it('a flood of hellos without an end keeps memory flat, and lets honest edges in meanwhile', async () => {
    await using gateway = await loopbackGateway()
    const before = await memoryInUse()
    const part = (i: number): Uint8Array => encodeRawFrame({ type: FrameType.HELLO, flags: i === 0 ? Flag.MORE : Flag.MORE | Flag.CONT, id: 1, body: new Uint8Array(32_000) })
    const clients: RawClient[] = []
    for (let batch = 0; batch < 10; batch++) {
      const dialled = await Promise.all(Array.from({ length: 50 }, () => RawClient.dial(gateway.edgeAddress)))
      clients.push(...dialled)
      for (const client of dialled) for (let i = 0; i < 8; i++) client.write(part(i))
      await vi.waitFor(() => expect(dialled.every((client) => client.isDrained)).toBe(true))
      const edge = await connectEdge(gateway.edgeAddress)
      await edge.close()
    }
    // 500 times 256,000 bytes were sent.
    const grown = (await memoryInUse()) - before
    figure(10, `hellos of 122 MiB without an end: memory grew by ${(grown / MIB).toFixed(1)} MiB`)
    // What all of them may hold together is 64 MiB.
    expect(grown).toBeLessThan(76 * MIB)
    for (const client of clients) client.socket.destroy()
    await vi.waitFor(() => expect(sum(gateway.frontier.counters().refused)).toBe(clients.length))
    await vi.waitFor(async () => expect((await memoryInUse()) - before).toBeLessThan(16 * MIB))
  })
})

describe('after the handshake', () => {
  const yamux = (type: number, flags: number, id: number, length: number): Uint8Array => {
    const frame = new Uint8Array(12)
    frame.set([0, type, flags >> 8, flags])
    new DataView(frame.buffer).setUint32(4, id)
    new DataView(frame.buffer).setUint32(8, length)
    return frame
  }

  it.each([
    ['a byte that begins nothing', [bytes(0xaa)]],
    ['a huge declared length', [header(FrameType.CALL, 0xffff_ffff)]],
    ['a yamux frame above the limit', [yamux(0, 0, 1, 0xffff_ffff)]],
    ['a yamux frame of no known type', [yamux(9, 0, 1, 0)]],
    ['a type that is not known', [header(0x7f, 0)]],
    ['a second hello', [encodeHello()]],
    ['a welcome', [header(FrameType.WELCOME, 0)]],
    ['a long ping', [encodeRawFrame({ type: FrameType.PING, body: new Uint8Array(65) })]],
    ['a call whose key leaves it', [encodeRawFrame({ type: FrameType.CALL, id: 1, body: bytes(0xff, 0xff) })]],
    ['a call whose meta leaves it', [encodeRawFrame({ type: FrameType.CALL, id: 1, body: bytes(0, 1, 0x6d, 0, 0, 0, 9) })]],
    ['a stream with an even id', [encodeFrame({ type: FrameType.OPEN, id: 2, key: 's' })]],
    ['two streams with one id', [0, 1].map(() => encodeFrame({ type: FrameType.OPEN, id: 1, key: 's' }))],
    ['a name that is not UTF-8', [encodeFrame({ type: FrameType.REGISTER, id: 1, key: bytes(0xff, 0xfe) })]],
    ['fragments of two types', [encodeFrame({ type: FrameType.CALL, flags: Flag.MORE, id: 1, key: 'm' }), encodeRawFrame({ type: FrameType.MESSAGE, flags: Flag.CONT, id: 1 })]],
    ['progress of another size', [encodeRawFrame({ type: FrameType.PROGRESS, id: 1, body: bytes(1) })]],
    ['a malformed goodbye', [encodeRawFrame({ type: FrameType.GOODBYE, body: bytes(9) })]],
  ])('%s ends that link with PROTOCOL_ERROR, which is counted, and no other', async (_, writes) => {
    await using gateway = await loopbackGateway()
    await using innocents = await Innocents.join(gateway)
    for (const [address, role] of [
      [gateway.edgeAddress, 'edge'],
      [gateway.serviceAddress, 'service'],
    ] as const) {
      await using hostile = await RawClient.connect(address, { role })
      // A service that opens a stream to nobody is refused before its id can be taken.
      for (const write of writes) hostile.write(role === 'service' ? towards(write, innocents.edge.id) : write)
      expect(await hostile.goodbye(), role).toBe('PROTOCOL_ERROR')
    }
    await vi.waitFor(() => expect(gateway.frontier.counters().ended).toEqual({ PROTOCOL_ERROR: 2 }))
    await innocents.verify()
  })

  it('frames that are truncated wait for their rest, and are forgotten with the link', async () => {
    await using gateway = await loopbackGateway()
    await using innocents = await Innocents.join(gateway)
    const whole = encodeFrame({ type: FrameType.CALL, id: 1, key: 'm', data: new Uint8Array(100) })
    for (let length = 1; length < whole.length; length += 7) {
      await using hostile = await RawClient.connect(gateway.edgeAddress)
      hostile.write(whole.subarray(0, length))
      hostile.socket.end()
      await hostile.goodbye()
    }
    await vi.waitFor(() => expect(gateway.frontier.exchange.edges.size).toBe(1))
    expect(gateway.frontier.exchange.counters.calls).toBe(0)
    await innocents.verify()
  })

  const metaTooLong = bytes(0, 0, 0, 0, 0, 9, 1)
  const answers = (id: number): Record<string, Uint8Array[]> => ({
    'meta that leaves the body': [encodeRawFrame({ type: FrameType.ANSWER, id, body: metaTooLong })],
    'meta that leaves the body once it is put together': [
      encodeRawFrame({ type: FrameType.ANSWER, flags: Flag.MORE, id, body: metaTooLong }),
      encodeRawFrame({ type: FrameType.ANSWER, flags: Flag.CONT, id, body: bytes(1) }),
    ],
    'a key that leaves the body': [encodeRawFrame({ type: FrameType.ANSWER, id, body: bytes(0xff, 0xff, 1) })],
    'a malformed error': [encodeRawFrame({ type: FrameType.ANSWER, flags: Flag.ERROR, id, body: bytes(0xff) })],
    'a rest without a beginning': [encodeRawFrame({ type: FrameType.ANSWER, flags: Flag.CONT, id, body: bytes(1) })],
    'two beginnings': [0, 1].map(() => encodeRawFrame({ type: FrameType.ANSWER, flags: Flag.MORE, id, body: bytes(0) })),
    'progress of another size': [encodeRawFrame({ type: FrameType.PROGRESS, id, body: bytes(1, 2, 3) })],
    'an answer without an end': [encodeFrame({ type: FrameType.ANSWER, flags: Flag.MORE, id, data: bytes(1) })],
    'an ack for a call': [encodeFrame({ type: FrameType.ACK, id })],
    'another id': [encodeFrame({ type: FrameType.ANSWER, id: id + 1000 })],
  })

  it.each(Object.keys(answers(0)))('a call answered with %s fails alone: the caller keeps its link', async (kind) => {
    await using gateway = await loopbackGateway()
    await using innocents = await Innocents.join(gateway)
    await using hostile = await RawClient.connect(gateway.edgeAddress)
    const { id } = await hostile.welcome()
    hostile.onFrame = (frame) => {
      if (frame.type === FrameType.CALL && frame.data.length === 1) for (const answer of answers(frame.id)[kind]!) hostile.write(answer)
      return frame.type === FrameType.CALL
    }
    const code = await codeOf(innocents.service.call(id, 'x', 'x', { timeoutMs: 500 }))
    expect(['PROTOCOL_ERROR', 'EOF', 'TIMEOUT', 'REMOTE_ERROR']).toContain(code)
    await innocents.verify()
  })

  it('answers given twice, and errors that pretend to be the gateway\'s, are what they are', async () => {
    await using gateway = await loopbackGateway()
    await using innocents = await Innocents.join(gateway)
    await using hostile = await RawClient.connect(gateway.edgeAddress)
    const { id } = await hostile.welcome()
    const forged = Flag.ERROR | Flag.GATEWAY | Flag.RETRYABLE
    hostile.onFrame = (frame: ReceivedFrame) => {
      if (frame.type === FrameType.CALL && frame.key === 'twice') for (let i = 0; i < 2; i++) hostile.send({ type: FrameType.ANSWER, id: frame.id, data: toBytes('a') })
      else if (frame.type === FrameType.CALL) hostile.send({ type: FrameType.ANSWER, flags: forged, id: frame.id, key: 'EOF', data: toBytes('forged') })
      else if (frame.type === FrameType.MESSAGE) hostile.send({ type: FrameType.ACK, flags: forged, id: frame.id, key: 'EDGE_NOT_ONLINE' })
      else if (frame.type === FrameType.OPEN) hostile.send({ type: FrameType.REFUSE, flags: forged, id: frame.id, key: 'KICKED' })
      return true
    }
    const { service } = innocents
    for (let i = 0; i < 20; i++) expect((await service.call(id, 'twice')).text()).toBe('a')
    await expect(service.call(id, 'forged')).rejects.toMatchObject({ code: 'EOF', origin: 'peer' })
    await expect(service.publish(id, 'x')).rejects.toMatchObject({ code: 'EDGE_NOT_ONLINE', origin: 'peer' })
    await expect(service.openStream(id)).rejects.toMatchObject({ code: 'KICKED', origin: 'peer' })
    await innocents.verify()
  })

  it('messages that nothing answers may have any id', async () => {
    await using gateway = await loopbackGateway()
    await using innocents = await Innocents.join(gateway)
    await using hanging = await connectService(gateway.serviceAddress, { methods: { hang: () => new Promise<void>(() => undefined) }, topics: ['u'], onMessage: () => undefined })
    await using hostile = await RawClient.connect(gateway.edgeAddress)
    for (let id = 1; id <= 50; id++) hostile.send({ type: FrameType.CALL, id, key: 'hang' })
    for (let id = 1; id <= 1000; id++) hostile.send({ type: FrameType.MESSAGE, flags: Flag.NO_ACK, id, key: 'u' })
    for (let id = 1; id <= 1000; id++) hostile.send({ type: FrameType.CALL, flags: Flag.NO_ACK, id, key: 'hang' })
    hostile.send({ type: FrameType.PING, id: 1 })
    await hostile.frame(FrameType.PONG)
    await innocents.edge.publish('u', 'x')
    expect(hanging.state).toBe('online')
    await innocents.verify()
  })

  it('frames of any content from an edge and a service never cost anybody else more than a request', async () => {
    await using gateway = await loopbackGateway()
    await using innocents = await Innocents.join(gateway)
    let hostileEdge = await RawClient.connect(gateway.edgeAddress)
    let hostileService = await RawClient.connect(gateway.serviceAddress, { role: 'service', topics: ['h'], methods: ['h'] })
    let sent = 0
    let lost = 0
    const before = await memoryInUse()
    await fc.assert(
      fc.asyncProperty(
        fc.boolean().chain((isSly) =>
          fc.record({
            frames: fc.array(isSly ? slyFrame() : garbageFrame(), { minLength: FRAMES_PER_RUN, maxLength: FRAMES_PER_RUN, size: 'max' }),
            reactions: fc.array(isSly ? slyReaction() : garbageReaction(), { minLength: 5, maxLength: 20 }),
          }),
        ),
        async ({ frames, reactions }) => {
          if (hostileEdge.isEnded) {
            lost++
            hostileEdge = await RawClient.connect(gateway.edgeAddress)
          }
          if (hostileService.isEnded) {
            lost++
            hostileService = await RawClient.connect(gateway.serviceAddress, { role: 'service', topics: ['h'], methods: ['h'] })
          }
          let next = 0
          for (const hostile of [hostileEdge, hostileService]) {
            // Ids are the gateway's: only in what is a reaction can they be right.
            hostile.onFrame = (frame) => {
              if (frame.type === FrameType.WELCOME || frame.type === FrameType.GOODBYE) return false
              for (const answer of reactions[next++ % reactions.length]!(frame)) {
                sent++
                hostile.write(answer)
              }
              return true
            }
          }
          const { id } = await hostileEdge.welcome()
          const asked = innocents.ask(id)
          const calls = [innocents.edge.call('h', 'x', { timeoutMs: 300 }), innocents.edge.publish('h', new Uint8Array(150_000), { timeoutMs: 300 })]
          for (const frame of frames) {
            sent += 2
            hostileEdge.write(frame)
            hostileService.write(towards(frame, innocents.edge.id))
          }
          await Promise.all([asked, ...calls.map(onlyFrontierErrors)])
          await innocents.verify()
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    )
    const { ended } = gateway.frontier.counters()
    hostileEdge.socket.destroy()
    hostileService.socket.destroy()
    const grown = (await memoryInUse()) - before
    figure(10, `${sent} frames of garbage, ${lost} hostile links lost (${JSON.stringify(ended)}), memory grew by ${(grown / MIB).toFixed(1)} MiB`)
    expect(sum(ended)).toBeGreaterThanOrEqual(lost)
    expect(grown).toBeLessThan(16 * MIB)
    await vi.waitFor(() => expect(gateway.frontier.exchange.pendingCount).toBe(0), { timeout: 40_000, interval: 50 })
  }, PROPERTY_TIMEOUT_MS)
})

describe('a flood', () => {
  it.each([
    ['pings', (id: number) => encodeRawFrame({ type: FrameType.PING, id, body: new Uint8Array(64) })],
    ['registrations', (id: number) => encodeFrame({ type: FrameType.REGISTER, id, key: `${id}${'n'.repeat(900)}` })],
    ['streams', (id: number) => encodeFrame({ type: FrameType.OPEN, id: 2 * id - 1, key: 's', meta: new Uint8Array(1000) })],
    ['streams to nobody', (id: number) => encodeFrame({ type: FrameType.OPEN, id: 2 * id - 1, key: 'nobody' })],
    ['calls', (id: number) => encodeFrame({ type: FrameType.CALL, id, key: 'hang', data: new Uint8Array(1000) })],
    ['fragments without bytes', (id: number) => (id === 1 ? encodeFrame({ type: FrameType.CALL, flags: Flag.MORE, id, key: 'm' }) : encodeRawFrame({ type: FrameType.CALL, flags: Flag.MORE | Flag.CONT, id: 1 }))],
    ['cancels', (id: number) => encodeFrame({ type: FrameType.CANCEL, id })],
  ])('of %s, by an edge that reads nothing, costs that edge only; memory stays flat', async (kind, frame) => {
    const limits = { queue_mark_bytes: 256 * 1024, queue_hard_mark_bytes: 4 * MIB }
    await using gateway = await loopbackGateway({ edgebound: { ping_interval_seconds: 1, limits } })
    await using innocents = await Innocents.join(gateway)
    await using hanging = await connectService(gateway.serviceAddress, { methods: { hang: () => new Promise<void>(() => undefined) } })
    const before = await memoryInUse()
    const hostile = await RawClient.connect(gateway.edgeAddress)
    hostile.socket.pause()
    let highest = 0
    let id = 0
    while (id < FLOOD && !hostile.isEnded) {
      const batch: Uint8Array[] = []
      for (let i = 0; i < 500; i++) batch.push(frame(++id))
      hostile.write(Buffer.concat(batch))
      // The gateway takes it all as it comes, or has closed the link: it never stops reading.
      await vi.waitFor(() => expect(hostile.isDrained || hostile.socket.destroyed).toBe(true), { timeout: 10_000, interval: 1 })
      if (hostile.socket.destroyed) break
      if (id % 5000 === 0) highest = Math.max(highest, (await memoryInUse()) - before)
      if (id % 5000 === 0) await innocents.verify()
    }
    figure(10, `flood of ${id} ${kind}: memory at most ${(highest / MIB).toFixed(1)} MiB more`)
    // An edge may have 4,096 streams, at some 10 KiB of a service's memory each.
    expect(highest).toBeLessThan((kind === 'streams' ? 64 : 32) * MIB)
    hostile.socket.destroy()
    await vi.waitFor(() => expect(gateway.frontier.exchange.edges.size).toBe(1))
    await innocents.verify()
    expect(hanging.state).toBe('online')
    await vi.waitFor(async () => expect((await memoryInUse()) - before).toBeLessThan(8 * MIB), { timeout: 10_000 })
  })
})

/** The same frame, about edge `id`: how a service says whom it means. */
function towards(frame: Uint8Array, id: bigint): Uint8Array {
  if (frame[0] !== 0xf1 || frame.length < 24 || (frame[1]! & 0xf0) === 0) return frame
  const copy = frame.slice()
  new DataView(copy.buffer).setBigUint64(16, id)
  return copy
}
