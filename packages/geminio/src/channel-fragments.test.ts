// Bodies larger than a frame: docs/protocol.md, sections 5 and 10.
import { encodeError, encodeFrame, encodeRawFrame, Flag, FrameType, FrontierError, readFlags, readId, readType, readU32, HEADER_BYTES } from '@frontier/wire'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { channelPair, failure, linkLost, patternBytes, type ChannelPair } from '../test/channel-pair.js'
import { ByteBudget } from './byte-budget.js'
import type { Channel } from './channel.js'

const MIB = 1_048_576

function echo(channel: Channel): void {
  channel.setHandler('echo', (request) => ({ data: request.data, meta: request.meta }))
}

/** Bodies partly sent, for which the other side has not confirmed anything. */
function holdProgress(pair: ChannelPair): { release: () => void } {
  const held: Uint8Array[] = []
  let isHolding = true
  pair.toA.filter = (frame) => {
    if (!isHolding || readType(frame, 0) !== FrameType.PROGRESS) return true
    held.push(frame.slice())
    return false
  }
  return {
    release: () => {
      isHolding = false
      for (const frame of held.splice(0)) pair.attachmentA.onFrame(frame, 0, frame.length)
    },
  }
}

describe('large bodies', () => {
  it.each([32_700, 32_740, 32_745, 65_536, 98_200, 98_300, MIB, 15 * MIB])('of %d bytes arrive whole, both ways', async (length) => {
    const { a, b, toB, toA } = channelPair()
    echo(b)
    const data = patternBytes(length)
    const reply = await a.call({ method: 'echo', data }, { meta: patternBytes(100, 2) })
    expect(Buffer.compare(reply.data, data)).toBe(0)
    expect(reply.meta).toEqual(patternBytes(100, 2))
    for (const frame of [...toB.sent, ...toA.sent]) expect(frame.length).toBeLessThanOrEqual(32_768)
    expect([a.pending, b.serving]).toEqual([0, 0])
  })

  it('have a meta of any size, too', async () => {
    const { a, b } = channelPair({}, { maxFrameBytes: 4096 })
    echo(b)
    const reply = await a.call({ method: 'echo', data: 'x' }, { meta: patternBytes(50_000) })
    expect(reply.meta).toEqual(patternBytes(50_000))
    expect(reply.text()).toBe('x')
  })

  it('arrive whatever is interleaved, cut anywhere, in any mix', async () => {
    const item = fc.record({
      kind: fc.constantFrom('call', 'publish', 'reverse call'),
      length: fc.oneof(fc.nat(3000), fc.nat(60_000)),
      metaLength: fc.oneof(fc.constant(0), fc.nat(5000)),
      peer: fc.bigInt(0n, 2n),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 20 }), fc.integer({ min: 1100, max: 40_000 }), fc.boolean(), async (items, maxFrameBytes, windowed) => {
        const budget = new ByteBudget(64 * MIB)
        const pair = channelPair({ receiveBudget: budget, maxInFlight: 6, maxInFlightPerPeer: 3 }, { maxFrameBytes, windowed })
        const { a, b } = pair
        a.setHandler('echo', async (request) => ({ data: request.data, meta: request.meta }))
        echo(b)
        const received = new Map<bigint, number[]>()
        b.onMessage((message) => {
          received.set(message.edgeId, [...(received.get(message.edgeId) ?? []), message.data.length])
        })
        const published = new Map<bigint, number[]>()
        const sends = items.map(async ({ kind, length, metaLength, peer }, i) => {
          const data = patternBytes(length, i)
          const meta = patternBytes(metaLength, i + 1)
          if (kind === 'publish') {
            published.set(peer, [...(published.get(peer) ?? []), length])
            await a.publish({ topic: 't', data, peer }, { meta })
            return
          }
          const reply = await (kind === 'call' ? a : b).call({ method: 'echo', data, peer }, { meta })
          expect(Buffer.compare(reply.data, data)).toBe(0)
          expect(Buffer.compare(reply.meta, meta)).toBe(0)
        })
        const results = await Promise.allSettled(sends)
        for (const result of results) {
          if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'BUFFER_FULL', origin: 'local' })
        }
        const refused = results.filter((result) => result.status === 'rejected').length
        // Messages of one peer keep their order; those refused for want of room are missing in it.
        for (const [peer, lengths] of received) {
          const expected = published.get(peer)!
          let at = 0
          for (const length of lengths) at = expected.indexOf(length, at) + 1
          expect(at).toBeGreaterThan(0)
          expect(expected.length - lengths.length).toBeLessThanOrEqual(refused)
        }
        expect([a.pending, b.pending, a.serving, b.serving, budget.usedBytes]).toEqual([0, 0, 0, 0, 0])
        expect([pair.toA.thrown, pair.toB.thrown]).toEqual([undefined, undefined])
      }),
      { numRuns: 60 },
    )
  })

  it('are received in a buffer of their own', async () => {
    const { a, b } = channelPair()
    echo(b)
    const [one, two] = await Promise.all([1, 2].map((seed) => a.call({ method: 'echo', data: patternBytes(100_000, seed) })))
    one!.data.fill(0)
    expect(two!.data).toEqual(patternBytes(100_000, 2))
    expect(one!.data.buffer.byteLength).toBeLessThan(100_100)
  })
})

describe('the order of large and small', () => {
  it('takes turns: a small call and a second large one do not wait for the first', async () => {
    const { a, b, toB } = channelPair()
    echo(b)
    const ended: string[] = []
    const first = a.call({ method: 'echo', data: new Uint8Array(8 * MIB) }).then(() => ended.push('large'))
    const second = a.call({ method: 'echo', data: new Uint8Array(200_000) }).then(() => ended.push('middle'))
    const small = a.call({ method: 'echo', data: 'x' }).then(() => ended.push('small'))
    await Promise.all([first, second, small])
    expect(ended).toEqual(['small', 'middle', 'large'])
    expect(toB.framesOf(FrameType.CALL).findIndex((frame) => frame.length < 100)).toBeLessThan(8)
  })

  it('holds later messages to the same peer behind one in fragments, but no calls and no other peers', async () => {
    const pair = channelPair()
    const { a, b } = pair
    const progress = holdProgress(pair)
    const seen: string[] = []
    b.onMessage((message) => void seen.push(`${message.edgeId}:${message.data.length}`))
    b.setHandler('m', () => void seen.push('call'))
    const all = [
      a.publish({ topic: 't', peer: 1n, data: new Uint8Array(300_000) }),
      a.publish({ topic: 't', peer: 1n, data: 'after' }),
      a.publish({ topic: 't', peer: 2n, data: 'other' }),
      a.call({ method: 'm', peer: 1n }),
    ]
    await Promise.all(all.slice(2))
    expect(seen).toEqual(['2:5', 'call'])
    progress.release()
    await Promise.all(all)
    expect(seen).toEqual(['2:5', 'call', '1:300000', '1:5'])
  })

  it('lets the messages behind go on when the one in fragments is cancelled', async () => {
    const pair = channelPair()
    const { a, b } = pair
    holdProgress(pair)
    const seen: string[] = []
    b.onMessage((message) => void seen.push(message.text()))
    const controller = new AbortController()
    const first = failure(a.publish({ topic: 't', data: new Uint8Array(300_000) }, { signal: controller.signal }))
    const second = a.publish({ topic: 't', data: 'after' })
    await vi.waitFor(() => expect(b.serving).toBe(1))
    controller.abort()
    expect(await first).toMatchObject({ code: 'CANCELLED', delivered: 'no' })
    await second
    expect(seen).toEqual(['after'])
    expect(b.serving).toBe(0)
  })

  it('sends answers of any size while requests wait', async () => {
    const { a, b } = channelPair({}, { maxInFlight: 1 })
    b.setHandler('hang', () => new Promise(() => undefined))
    a.setHandler('large', () => new Uint8Array(300_000))
    const hanging = failure(a.call({ method: 'hang' }))
    const waiting = failure(a.call({ method: 'hang' }))
    expect((await b.call({ method: 'large' })).data).toHaveLength(300_000)
    a.close(linkLost())
    await Promise.all([hanging, waiting])
  })
})

describe('the window', () => {
  it('lets 64 KiB out at the start and goes on with PROGRESS', async () => {
    const pair = channelPair()
    const { a, b, toB } = pair
    echo(b)
    const progress = holdProgress(pair)
    const call = a.call({ method: 'echo', data: new Uint8Array(MIB) })
    // In quarters, so that none of them keeps a slow line busy for as long as all of it may.
    await vi.waitFor(() => expect(toB.sent.map((frame) => frame.length - HEADER_BYTES)).toEqual([16_384, 16_384, 16_384, 16_384]))
    expect(pair.toA.framesOf(FrameType.PROGRESS).length).toBeGreaterThanOrEqual(1)
    progress.release()
    expect((await call).data).toHaveLength(MIB)
  })

  it('does not hold bodies of three fragments', async () => {
    const pair = channelPair()
    const { a, b } = pair
    b.setHandler('count', (request) => String(request.data.length))
    holdProgress(pair)
    expect((await a.call({ method: 'count', data: new Uint8Array(98_000) })).text()).toBe('98000')
  })

  it('is confirmed at least every 32 KiB, with REPLY for an answer', async () => {
    const { a, b, toA, toB } = channelPair()
    echo(b)
    await a.call({ method: 'echo', data: new Uint8Array(MIB) })
    for (const [port, flags] of [
      [toA, 0],
      [toB, Flag.REPLY],
    ] as const) {
      const totals = port.sent.filter((frame) => readType(frame, 0) === FrameType.PROGRESS && readFlags(frame, 0) === flags).map((frame) => readU32(frame, 24))
      expect(totals.length).toBeGreaterThan(30)
      totals.reduce((previous, total) => {
        expect(total - previous).toBeLessThanOrEqual(32_768)
        return total
      }, 0)
    }
  })

  it('does not exist on streams, whose credit bounds them', async () => {
    const { a, b, toA, toB } = channelPair({}, { windowed: false })
    echo(b)
    await a.call({ method: 'echo', data: new Uint8Array(MIB) })
    expect([...toA.types(), ...toB.types()]).not.toContain(FrameType.PROGRESS)
  })

  it('waits for the port', async () => {
    const { a, b, toB } = channelPair({}, { windowed: false })
    echo(b)
    toB.isFrozen = true
    const call = a.call({ method: 'echo', data: new Uint8Array(4 * MIB) })
    expect(toB.queuedFrames).toBeLessThanOrEqual(3)
    toB.thaw()
    expect((await call).data).toHaveLength(4 * MIB)
  })
})

describe('a body nobody wants any more', () => {
  it('goes no further when the call is cancelled while the port is full', async () => {
    const { a, b, toB } = channelPair({}, { windowed: false })
    echo(b)
    toB.isFrozen = true
    const controller = new AbortController()
    const call = failure(a.call({ method: 'echo', data: new Uint8Array(4 * MIB) }, { signal: controller.signal }))
    const before = toB.framesOf(FrameType.CALL).length
    controller.abort()
    expect(await call).toMatchObject({ code: 'CANCELLED', delivered: 'no' })
    toB.thaw()
    await vi.waitFor(() => expect(toB.queuedFrames).toBe(0))
    expect(toB.framesOf(FrameType.CALL)).toHaveLength(before)
    await vi.waitFor(() => expect(b.serving).toBe(0))
  })

  it('goes no further when it is the answer to a cancelled call', async () => {
    const { a, b, toA } = channelPair({}, { windowed: false })
    b.setHandler('large', () => new Uint8Array(4 * MIB))
    toA.isFrozen = true
    const controller = new AbortController()
    const call = failure(a.call({ method: 'large' }, { signal: controller.signal }))
    await vi.waitFor(() => expect(toA.sent.length).toBeGreaterThan(1))
    const before = toA.sent.length
    controller.abort()
    await call
    await vi.waitFor(() => expect(b.serving).toBe(0))
    toA.thaw()
    await vi.waitFor(() => expect(toA.queuedFrames).toBe(0))
    // One more: the answer to the cancel, which frees the gateway's place.
    expect(toA.sent).toHaveLength(before + 1)
  })
})

describe('limits of a receiver', () => {
  it('answers PAYLOAD_TOO_LARGE with both numbers while it is coming in; the sender stops and the channel lives on', async () => {
    const { a, b, toB } = channelPair()
    const receiver = channelPair({ maxPayloadBytes: 100_000 })
    echo(receiver.b)
    // a takes large bodies to be allowed: its own limit and that of its link are 16 MiB.
    toB.receiver = receiver.attachmentB
    receiver.toA.receiver = toB.sender
    receiver.toA.sender = receiver.attachmentB
    const error = await failure(a.call({ method: 'echo', data: new Uint8Array(8 * MIB) }))
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', origin: 'peer', delivered: 'no' })
    expect(error.message).toMatch(/\d{6}.*100000/)
    expect(toB.sent.length).toBeLessThan(20)
    expect((await a.call({ method: 'echo', data: 'x' })).text()).toBe('x')
    expect([a.pending, b.serving, receiver.b.serving]).toEqual([0, 0, 0])
  })

  it('fails a call whose answer is too large, and tells the other side to stop', async () => {
    const { b, toB, toA, attachmentB } = channelPair()
    const caller = channelPair({ maxPayloadBytes: 100_000 })
    b.setHandler('large', () => new Uint8Array(8 * MIB))
    caller.toB.receiver = attachmentB
    toA.receiver = caller.attachmentA
    const error = await failure(caller.a.call({ method: 'large' }))
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', origin: 'local', delivered: 'maybe' })
    await vi.waitFor(() => expect(b.serving).toBe(0))
    expect(toA.sent.length).toBeLessThan(20)
    expect(toB.sent).toHaveLength(0)
  })

  it.each([
    ['of the link', { maxReceiveBytes: 200_000 }],
    ['of the process', { receiveBudget: new ByteBudget(200_000) }],
  ])('are BUFFER_FULL beyond the budget of bytes %s', async (_, options) => {
    const pair = channelPair(options)
    echo(pair.b)
    const calls = Array.from({ length: 4 }, () => pair.a.call({ method: 'echo', data: new Uint8Array(150_000) }))
    const results = await Promise.allSettled(calls)
    const codes = results.map((result) => (result.status === 'rejected' ? (result.reason as FrontierError).code : 'ok'))
    expect(codes).toContain('BUFFER_FULL')
    expect((await pair.a.call({ method: 'echo', data: new Uint8Array(100_000) })).data).toHaveLength(100_000)
    expect([pair.a.pending, pair.b.serving]).toEqual([0, 0])
  })

  it('stop an at-most-once message that is coming in, too', async () => {
    const { a } = channelPair({ maxReceiveBytes: 50_000 })
    const error = await failure(a.publish({ topic: 't', data: new Uint8Array(300_000) }, { delivery: 'at-most-once' }))
    expect(error.code).toBe('BUFFER_FULL')
    expect(a.pending).toBe(0)
  })

  it('refuses a method nobody has before its body has come', async () => {
    const { a, toB } = channelPair()
    expect(await failure(a.call({ method: 'none', data: new Uint8Array(8 * MIB) }))).toMatchObject({ code: 'RPC_NOT_ONLINE', delivered: 'no' })
    expect(toB.sent.length).toBeLessThan(20)
  })
})

describe('a receiver that goes away before it has all fragments', () => {
  function gatewayEof(delivered: 'no' | 'maybe'): FrontierError {
    return new FrontierError('EOF', 'the service went', { delivered })
  }

  /** A gateway that answers the first `times` fragmented requests with EOF. */
  function losing(pair: ChannelPair, times: number, delivered: 'no' | 'maybe' = 'no'): { lost: number } {
    const state = { lost: 0 }
    const lostIds = new Set<number>()
    pair.toB.filter = (frame) => {
      const type = readType(frame, 0)
      if (type !== FrameType.CALL && type !== FrameType.MESSAGE) return true
      const id = readId(frame, 0)
      if (lostIds.has(id)) return false
      if ((readFlags(frame, 0) & Flag.MORE) === 0 || state.lost >= times) return true
      lostIds.add(id)
      state.lost++
      pair.toA.send(encodeError(type === FrameType.CALL ? FrameType.ANSWER : FrameType.ACK, id, gatewayEof(delivered), true))
      return false
    }
    return state
  }

  it('is made good by sending once more, up to three times', async () => {
    const pair = channelPair()
    echo(pair.b)
    const state = losing(pair, 3)
    const data = patternBytes(300_000)
    expect(Buffer.compare((await pair.a.call({ method: 'echo', data })).data, data)).toBe(0)
    expect(state.lost).toBe(3)
    expect(new Set(pair.toB.framesOf(FrameType.CALL).map((frame) => frame.id)).size).toBe(4)
  })

  it('is EOF after that, or when it may have been delivered', async () => {
    const pair = channelPair()
    echo(pair.b)
    losing(pair, 4)
    expect(await failure(pair.a.call({ method: 'echo', data: new Uint8Array(300_000) }))).toMatchObject({ code: 'EOF', origin: 'gateway', delivered: 'no' })
    const other = channelPair()
    const state = losing(other, 9, 'maybe')
    expect((await failure(other.a.call({ method: 'echo', data: new Uint8Array(300_000) }))).code).toBe('EOF')
    expect(state.lost).toBe(1)
    expect([pair.a.pending, other.a.pending]).toEqual([0, 0])
  })

  it('does not change the order of messages', async () => {
    const pair = channelPair()
    losing(pair, 2)
    const seen: number[] = []
    pair.b.onMessage((message) => void seen.push(message.data.length))
    await Promise.all([300_000, 10, 200_000, 20].map((length) => pair.a.publish({ topic: 't', data: new Uint8Array(length) })))
    expect(seen).toEqual([300_000, 10, 200_000, 20])
  })

  it('is EOF, surely not delivered, when it was our link that went', async () => {
    const pair = channelPair()
    holdProgress(pair)
    echo(pair.b)
    const call = failure(pair.a.call({ method: 'echo', data: new Uint8Array(300_000) }))
    await vi.waitFor(() => expect(pair.b.serving).toBe(1))
    pair.a.detach(linkLost())
    pair.b.detach(linkLost())
    expect(await call).toMatchObject({ code: 'EOF', delivered: 'no' })
    expect(pair.b.serving).toBe(0)
  })
})

describe('fragments of nobody', () => {
  it('are ignored: they may be on the way when a request is refused or cancelled', async () => {
    const { a, b, attachmentB, attachmentA } = channelPair()
    echo(b)
    for (const type of [FrameType.CALL, FrameType.MESSAGE, FrameType.ANSWER, FrameType.ACK]) {
      const frame = encodeRawFrame({ type, flags: Flag.CONT, id: 99, body: new Uint8Array(100) })
      expect(attachmentB.onFrame(frame, 0, frame.length)).toBe(true)
      expect(attachmentA.onFrame(frame, 0, frame.length)).toBe(true)
    }
    const cancel = encodeFrame({ type: FrameType.CANCEL, id: 99 })
    attachmentB.onFrame(cancel, 0, cancel.length)
    expect((await a.call({ method: 'echo', data: 'x' })).text()).toBe('x')
  })
})
