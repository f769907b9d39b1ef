// What a peer may send: anything. It ends in PROTOCOL_ERROR or is ignored, and holds a bounded amount of memory.
import { bodyOffset, decodeError, encodeFrame, encodeRawFrame, Flag, FrameType, FrontierError, readFlags, readId, readType } from '@frontier/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channelPair, failure, linkLost, type TestPort } from '../test/channel-pair.js'
import { ByteBudget } from './byte-budget.js'
import type { Attachment } from './attachment.js'

function feed(attachment: Attachment, frame: Uint8Array): FrontierError | undefined {
  try {
    attachment.onFrame(frame, 0, frame.length)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(FrontierError)
    expect((error as FrontierError).code).toBe('PROTOCOL_ERROR')
    return error as FrontierError
  }
}

/** Type, id and code of the errors sent. */
function errorsIn(port: TestPort): [number, number, string][] {
  return port.sent
    .filter((frame) => (readFlags(frame, 0) & Flag.ERROR) !== 0)
    .map((frame) => [readType(frame, 0), readId(frame, 0), decodeError(frame, 0, frame.length).code])
}

const types = [FrameType.CALL, FrameType.ANSWER, FrameType.CANCEL, FrameType.MESSAGE, FrameType.ACK, FrameType.PROGRESS]

describe('hostile frames', () => {
  it('of any content throw PROTOCOL_ERROR at most, and leave nothing behind', async () => {
    const frame = fc.record({
      type: fc.constantFrom(...types),
      // MORE, CONT, ERROR, NO_ACK, REPLY, and any bit at all
      flags: fc.oneof(fc.constantFrom(0, 1, 2, 3, 8, 9, 0x80, 0x81, 0x82, 0x200), fc.nat(0xffff)),
      id: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(0xffff_ffff)),
      budgetMs: fc.constantFrom(0, 1, 50, 0xffff_fffe, 0xffff_ffff),
      peer: fc.bigInt(0n, 2n),
      shape: fc.constantFrom('raw', 'proper'),
      body: fc.uint8Array({ maxLength: 60 }),
      key: fc.constantFrom('m', 'async', 'large', 'throws', 'none', ''),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 60 }), async (frames) => {
        const receiveBudget = new ByteBudget(1_000_000)
        const { a, b, attachmentB, toA } = channelPair({ receiveBudget, timeoutMs: 60_000 })
        b.setHandler('m', () => 'x')
        b.setHandler('async', async (request) => (request.signal.aborted ? 'aborted' : request.data))
        b.setHandler('large', () => new Uint8Array(200_000))
        b.setHandler('throws', () => {
          throw new Error('no')
        })
        // Something for hostile answers, acks and progress to be about.
        toA.receiver = undefined
        const ours = [
          failure(b.call({ method: 'x', data: new Uint8Array(200_000) })),
          failure(b.publish({ topic: 't', data: new Uint8Array(200_000) })),
          b.call({ method: 'y' }).catch(() => undefined),
          b.publish({ topic: 't' }).catch(() => undefined),
        ].map((promise) => promise.catch(() => undefined))
        for (const { type, flags, id, budgetMs, peer, shape, body, key } of frames) {
          const traceless = flags & ~Flag.TRACE
          const bytes =
            shape === 'raw'
              ? encodeRawFrame({ type, flags: traceless, id, budgetMs, peer, body })
              : encodeFrame({ type, flags: traceless, id, budgetMs, peer, key, data: body })
          if (feed(attachmentB, bytes) !== undefined) break
        }
        await Promise.resolve()
        b.close(linkLost())
        a.close(linkLost())
        await Promise.all(ours)
        expect([b.pending, b.serving, receiveBudget.usedBytes]).toEqual([0, 0, 0])
      }),
      { numRuns: 400 },
    )
  })

  it('with a trace field are read behind it', () => {
    const { b, attachmentB } = channelPair()
    let text = ''
    b.setHandler('m', (request) => void (text = request.text()))
    const bytes = encodeFrame({ type: FrameType.CALL, id: 1, key: 'm', data: new TextEncoder().encode('x'), trace: new Uint8Array(26) })
    expect(bodyOffset(bytes, 0)).toBe(50)
    attachmentB.onFrame(bytes, 0, bytes.length)
    expect(text).toBe('x')
  })

  it.each([
    ['a call', encodeFrame({ type: FrameType.CALL, id: 7, key: 'hang' })],
    ['the first fragment', encodeFrame({ type: FrameType.CALL, flags: Flag.MORE, id: 7, key: 'hang' })],
    ['a message', encodeFrame({ type: FrameType.MESSAGE, id: 7 })],
  ])('that use an id twice are a PROTOCOL_ERROR: %s', (_, second) => {
    for (const flags of [0, Flag.MORE]) {
      const { b, attachmentB } = channelPair()
      b.setHandler('hang', () => new Promise(() => undefined))
      expect(feed(attachmentB, encodeFrame({ type: FrameType.CALL, flags, id: 7, key: 'hang' }))).toBeUndefined()
      expect(feed(attachmentB, second)?.code).toBe('PROTOCOL_ERROR')
      b.close(linkLost())
    }
  })

  // The gateway passes bodies on unread: none of these may cost more than the request it is about.
  it('that change their type between fragments fail that request only', () => {
    const { attachmentB, b, toA } = channelPair()
    expect(feed(attachmentB, encodeFrame({ type: FrameType.MESSAGE, flags: Flag.MORE, id: 7 }))).toBeUndefined()
    expect(feed(attachmentB, encodeRawFrame({ type: FrameType.CALL, flags: Flag.CONT, id: 7 }))).toBeUndefined()
    expect(errorsIn(toA)).toEqual([[FrameType.ACK, 7, 'PROTOCOL_ERROR']])
    expect(b.serving).toBe(0)
  })

  const metaTooLong = Uint8Array.of(0, 1, 0x6d, 0, 0, 0, 9, 1)
  const keyTooLong = Uint8Array.of(0xff, 0xff, 1, 2)
  it.each([
    ['a call whose meta leaves the body', FrameType.CALL, 0, metaTooLong],
    ['a call whose key leaves the body', FrameType.CALL, 0, keyTooLong],
    ['a message without room for its lengths', FrameType.MESSAGE, 0, Uint8Array.of(0)],
    ['a first fragment whose key leaves it', FrameType.CALL, Flag.MORE, keyTooLong],
  ])('that are malformed are answered: %s', (_, type, flags, body) => {
    const { attachmentB, b, toA } = channelPair()
    expect(feed(attachmentB, encodeRawFrame({ type, flags, id: 7, body }))).toBeUndefined()
    expect(errorsIn(toA)).toEqual([[type === FrameType.CALL ? FrameType.ANSWER : FrameType.ACK, 7, 'PROTOCOL_ERROR']])
    expect(b.serving).toBe(0)
  })

  it('that are malformed once they are put together are answered', () => {
    const receiveBudget = new ByteBudget(100_000)
    const { attachmentB, b, toA } = channelPair({ receiveBudget })
    b.setHandler('m', () => 'x')
    feed(attachmentB, encodeRawFrame({ type: FrameType.CALL, flags: Flag.MORE, id: 7, body: metaTooLong }))
    expect(feed(attachmentB, encodeRawFrame({ type: FrameType.CALL, flags: Flag.CONT, id: 7 }))).toBeUndefined()
    expect(errorsIn(toA)).toEqual([[FrameType.ANSWER, 7, 'PROTOCOL_ERROR']])
    expect([b.serving, receiveBudget.usedBytes]).toEqual([0, 0])
  })

  it.each([
    ['its meta leaves the body', [[0, metaTooLong]]],
    ['its error has a key that leaves the body', [[Flag.ERROR, keyTooLong]]],
    ['it begins twice', [[Flag.MORE, Uint8Array.of(0)], [Flag.MORE, Uint8Array.of(0)]]],
    ['it goes on without a beginning', [[Flag.CONT, Uint8Array.of(0)]]],
    ['its meta leaves the body once it is put together', [[Flag.MORE, metaTooLong], [Flag.CONT, Uint8Array.of(1)]]],
  ] as [string, [number, Uint8Array][]][])('that answer fail that call only: %s', async (_, answers) => {
    const receiveBudget = new ByteBudget(100_000)
    const { b, attachmentB, toA } = channelPair({ receiveBudget })
    toA.receiver = undefined
    const call = failure(b.call({ method: 'x' }))
    for (const [flags, body] of answers) {
      expect(feed(attachmentB, encodeRawFrame({ type: FrameType.ANSWER, flags, id: toA.framesOf(FrameType.CALL)[0]!.id, body }))).toBeUndefined()
    }
    expect(await call).toMatchObject({ code: 'PROTOCOL_ERROR', origin: 'peer', delivered: 'maybe' })
    expect([b.pending, receiveBudget.usedBytes]).toEqual([0, 0])
  })

  it('that tell of progress in a body of another size are ignored', () => {
    const { attachmentB } = channelPair()
    expect(feed(attachmentB, encodeRawFrame({ type: FrameType.PROGRESS, id: 1, body: new Uint8Array(5) }))).toBeUndefined()
  })

  it('that nothing answers need no id of their own', () => {
    const { attachmentB, b } = channelPair()
    const topics: string[] = []
    b.setHandler('hang', () => new Promise(() => undefined))
    b.onMessage((message) => void topics.push(message.topic))
    feed(attachmentB, encodeFrame({ type: FrameType.CALL, id: 7, key: 'hang' }))
    expect(feed(attachmentB, encodeFrame({ type: FrameType.MESSAGE, flags: Flag.NO_ACK, id: 7, key: 't' }))).toBeUndefined()
    expect(topics).toEqual(['t'])
    b.close(linkLost())
  })

  it('of one edge leave half of what a service has to the others', () => {
    const { b, attachmentB } = channelPair({ receiveBudget: new ByteBudget(4_000_000), maxReceiveBytes: 4_000_000, maxPayloadBytes: 100_000 })
    b.setHandler('m', () => 'x')
    for (let id = 1; id <= 700; id++) feed(attachmentB, encodeFrame({ type: FrameType.CALL, flags: Flag.MORE, id, key: 'm', peer: 5n }))
    expect(b.serving).toBe(512)
    for (let id = 1001; id <= 1200; id++) feed(attachmentB, encodeFrame({ type: FrameType.MESSAGE, id, key: 't', peer: 6n, data: new Uint8Array(30_000) }))
    expect(b.serving).toBeLessThan(512 + 70)
    for (let id = 2001; id <= 2010; id++) feed(attachmentB, encodeFrame({ type: FrameType.MESSAGE, id, key: 't', peer: 7n, data: new Uint8Array(30_000) }))
    expect(b.serving).toBeGreaterThan(512 + 70)
    b.close(linkLost())
  })

  it('cannot open more than 1,024 bodies, nor hold more bytes than the budget', () => {
    const receiveBudget = new ByteBudget(2_000_000)
    const { b, attachmentB, toA } = channelPair({ receiveBudget })
    for (let id = 1; id <= 5000; id++) {
      feed(attachmentB, encodeFrame({ type: FrameType.MESSAGE, flags: Flag.MORE, id, key: 't' }))
    }
    expect(b.serving).toBe(1024)
    expect(toA.framesOf(FrameType.ACK)).toHaveLength(5000 - 1024)
    expect(receiveBudget.usedBytes).toBeLessThan(1_200_000)
    // One byte at a time pins no more than twice what it brings.
    for (let i = 0; i < 3000; i++) {
      feed(attachmentB, encodeRawFrame({ type: FrameType.MESSAGE, flags: Flag.CONT | Flag.MORE, id: 1, body: new Uint8Array(1) }))
    }
    expect(receiveBudget.usedBytes).toBeLessThan(1_210_000)
    b.close(linkLost())
    expect([b.serving, receiveBudget.usedBytes]).toEqual([0, 0])
  })

  it('cannot make more handlers run than it may have served', () => {
    const { b, attachmentB } = channelPair({ maxServing: 100 })
    let running = 0
    b.setHandler('hang', () => {
      running++
      return new Promise(() => undefined)
    })
    for (let id = 1; id <= 1000; id++) {
      feed(attachmentB, encodeFrame({ type: FrameType.CALL, id, key: 'hang' }))
      feed(attachmentB, encodeFrame({ type: FrameType.CANCEL, id }))
    }
    expect(running).toBe(100)
  })

  it('cannot fill the queue of at-most-once messages', () => {
    const receiveBudget = new ByteBudget(1_000_000)
    const { attachmentB, b } = channelPair({ receiveBudget })
    for (let id = 1; id <= 5000; id++) feed(attachmentB, encodeFrame({ type: FrameType.MESSAGE, flags: Flag.NO_ACK, id, data: new Uint8Array(500) }))
    expect(receiveBudget.usedBytes).toBeLessThanOrEqual(1_000_000)
    b.close(linkLost())
    expect(receiveBudget.usedBytes).toBe(0)
  })
})
