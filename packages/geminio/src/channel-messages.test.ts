import { FrameType, FrontierError } from '@frontier/wire'
import { describe, expect, it, vi } from 'vitest'
import { channelPair, failure, linkLost } from '../test/channel-pair.js'
import { ByteBudget } from './byte-budget.js'
import type { Message } from './message.js'

/** A handler whose messages end when the test says so. */
function heldHandler(): { started: string[]; release: Map<string, () => void>; handler: (message: Message) => Promise<void> } {
  const started: string[] = []
  const release = new Map<string, () => void>()
  return {
    started,
    release,
    handler: (message) => {
      started.push(message.text())
      return new Promise<void>((resolve) => void release.set(message.text(), resolve))
    },
  }
}

describe('publish', () => {
  it('resolves when the handler returned, and carries topic, meta and the edge', async () => {
    const { a, b } = channelPair()
    const seen: unknown[] = []
    b.onMessage(async (message) => {
      await Promise.resolve()
      seen.push([message.topic, message.text(), new TextDecoder().decode(message.meta), message.edgeId])
    })
    await a.publish({ topic: 'news', data: 'hello', peer: 9n }, { meta: 'm' })
    expect(seen).toEqual([['news', 'hello', 'm', 9n]])
    expect(b.serving).toBe(0)
  })

  it.each([
    ['an Error', new Error('bad'), 'REMOTE_ERROR: bad'],
    ['a FrontierError', new FrontierError('RATE_LIMITED', 'slow down'), 'RATE_LIMITED: slow down'],
  ])('rejects when the handler throws %s', async (_, thrown, message) => {
    const { a, b } = channelPair()
    b.onMessage(async () => Promise.reject(thrown))
    expect(await failure(a.publish({ topic: 't', data: 'x' }))).toMatchObject({ message, delivered: 'maybe', origin: 'peer' })
    b.setHandler('m', () => 'still here')
    expect((await a.call({ method: 'm' })).text()).toBe('still here')
  })

  it('counts the first of done and fail, also against the end of the handler', async () => {
    const { a, b } = channelPair()
    b.onMessage((message) => {
      if (message.text() === 'done') message.done()
      message.fail('too late or not')
      message.done()
      if (message.text() === 'done') throw new Error('after done')
    })
    await a.publish({ topic: 't', data: 'done' })
    expect((await failure(a.publish({ topic: 't', data: 'fail' }))).message).toBe('REMOTE_ERROR: too late or not')
  })

  it('at most once resolves when sent and is never answered', async () => {
    const { a, b, toA } = channelPair()
    const seen: string[] = []
    b.onMessage((message) => void seen.push(message.text()))
    for (let i = 0; i < 100; i++) await a.publish({ topic: 't', data: String(i) }, { delivery: 'at-most-once' })
    await vi.waitFor(() => expect(seen).toHaveLength(100))
    expect(toA.sent).toHaveLength(0)
    expect(a.pending).toBe(0)
  })

  it('at most once waits for the port, so that a loop that awaits piles nothing up', async () => {
    const { a, b, toB } = channelPair({ maxInFlight: 8 })
    toB.isFrozen = true
    b.onMessage(() => undefined)
    let published = 0
    const loop = (async (): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        await a.publish({ topic: 't', data: new Uint8Array(8000) }, { delivery: 'at-most-once' })
        published++
      }
    })()
    await vi.waitFor(() => expect(a.pending).toBe(1))
    expect(published).toBeLessThan(12)
    toB.thaw()
    await loop
    expect(a.pending).toBe(0)
  })

  it('refuses an unknown kind of delivery', async () => {
    const { a } = channelPair()
    expect((await failure(a.publish({ topic: 't' }, { delivery: 'twice' as never }))).code).toBe('INVALID_ARGUMENT')
  })
})

describe('onMessage', () => {
  it('takes one message at a time per sender, senders side by side, each in order', async () => {
    const { a, b } = channelPair()
    const { started, release, handler } = heldHandler()
    b.onMessage(handler)
    const all = [
      a.publish({ topic: 't', peer: 1n, data: '1a' }),
      a.publish({ topic: 't', peer: 1n, data: '1b' }),
      a.publish({ topic: 't', peer: 2n, data: '2a' }),
      a.publish({ topic: 't', peer: 1n, data: '1c' }),
    ]
    await vi.waitFor(() => expect(started).toEqual(['1a', '2a']))
    release.get('2a')!()
    await all[2]
    expect(started).toEqual(['1a', '2a'])
    release.get('1a')!()
    await all[0]
    await vi.waitFor(() => expect(started).toEqual(['1a', '2a', '1b']))
    release.get('1b')!()
    await vi.waitFor(() => expect(started).toHaveLength(4))
    release.get('1c')!()
    await Promise.all(all)
    expect(b.serving).toBe(0)
  })

  it('goes on with the next message only when the handler is through, also when it settled before', async () => {
    const { a, b } = channelPair()
    const started: string[] = []
    let release = (): void => undefined
    b.onMessage((message) => {
      started.push(message.text())
      message.done()
      return new Promise<void>((resolve) => (release = resolve))
    })
    await a.publish({ topic: 't', data: '1' })
    const second = a.publish({ topic: 't', data: '2' })
    await vi.waitFor(() => expect(b.serving).toBeGreaterThan(1))
    expect(started).toEqual(['1'])
    release()
    await second
    expect(started).toEqual(['1', '2'])
  })

  it('is one consumer at a time, with messages()', () => {
    const { b } = channelPair()
    const subscription = b.onMessage(() => undefined)
    expect(() => b.onMessage(() => undefined)).toThrow('INVALID_ARGUMENT')
    expect(() => b.messages()).toThrow('INVALID_ARGUMENT')
    subscription[Symbol.dispose]()
    subscription[Symbol.dispose]()
    const iterator = b.messages()
    expect(() => b.onMessage(() => undefined)).toThrow('INVALID_ARGUMENT')
    void iterator.return?.()
    expect(() => b.onMessage('nothing' as never)).toThrow('INVALID_ARGUMENT')
    b.onMessage(() => undefined)
  })

  it('leaves what it has not begun with to the next consumer, in order of arrival', async () => {
    const { a, b } = channelPair()
    const { started, release, handler } = heldHandler()
    const subscription = b.onMessage(handler)
    const all = ['1a', '2a', '1b', '2b', '1c'].map((data) => a.publish({ topic: 't', peer: BigInt(data[0]!), data }))
    await vi.waitFor(() => expect(b.serving).toBeGreaterThan(5))
    subscription[Symbol.dispose]()
    const seen: string[] = []
    b.onMessage((message) => void seen.push(message.text()))
    // The first handler is still busy with one of each sender.
    expect(seen).toEqual([])
    release.get('2a')!()
    await vi.waitFor(() => expect(seen).toEqual(['2b']))
    release.get('1a')!()
    await Promise.all(all)
    expect(started).toEqual(['1a', '2a'])
    expect(seen).toEqual(['2b', '1b', '1c'])
  })
})

describe('messages()', () => {
  it('hands them out in order; each is settled by hand', async () => {
    const { a, b } = channelPair()
    const publishes = ['1', '2', '3'].map((data) => a.publish({ topic: 't', data }))
    const outcome = Promise.allSettled(publishes)
    const seen: string[] = []
    for await (const message of b.messages()) {
      seen.push(message.text())
      if (message.text() === '2') message.fail('no')
      else message.done()
      if (seen.length === 3) break
    }
    expect(seen).toEqual(['1', '2', '3'])
    expect((await outcome).map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    // Leaving the loop let go of the messages.
    b.onMessage(() => undefined)
  })

  it('waits for messages, and ends with the channel behind what came before', async () => {
    const { a, b } = channelPair()
    const iterator = b.messages()
    const [first, second] = [iterator.next(), iterator.next()]
    await a.publish({ topic: 't', data: '1' }, { delivery: 'at-most-once' })
    expect((await first).value!.text()).toBe('1')
    await a.publish({ topic: 't', data: '2' }, { delivery: 'at-most-once' })
    expect((await second).value!.text()).toBe('2')
    await a.publish({ topic: 't', data: '3' }, { delivery: 'at-most-once' })
    await vi.waitFor(() => expect(a.pending).toBe(0))
    const acked = failure(a.publish({ topic: 't', data: 'nobody will settle this' }))
    await vi.waitFor(() => expect(b.serving).toBe(1))
    b.close(linkLost())
    a.close(linkLost())
    await acked
    const rest: string[] = []
    for await (const message of iterator) rest.push(message.text())
    expect(rest).toEqual(['3'])
    for await (const _ of channelPairClosed().messages()) throw new Error('nothing comes after the end')
  })
})

function channelPairClosed(): ReturnType<typeof channelPair>['b'] {
  const { b } = channelPair()
  b.close(linkLost())
  return b
}

describe('messages nobody takes', () => {
  it('wait for a consumer within a budget of bytes, and are BUFFER_FULL beyond', async () => {
    const receiveBudget = new ByteBudget(1_000_000)
    const { a, b } = channelPair({ maxReceiveBytes: 10_000, receiveBudget })
    const outcome = Promise.allSettled(Array.from({ length: 20 }, (_, i) => a.publish({ topic: 't', data: patterned(i) })))
    await vi.waitFor(() => expect(a.pending).toBeLessThan(20))
    expect(receiveBudget.usedBytes).toBeGreaterThan(5000)
    expect(receiveBudget.usedBytes).toBeLessThanOrEqual(10_000)
    const seen: number[] = []
    b.onMessage((message) => void seen.push(message.data[0]!))
    const results = await outcome
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.length + seen.length).toBe(20)
    expect(refused[0]!.reason).toMatchObject({ code: 'BUFFER_FULL', delivered: 'no', origin: 'peer' })
    expect(seen).toEqual(seen.map((_, i) => i))
    expect(receiveBudget.usedBytes).toBe(0)
  })

  it('are forgotten with the link, but for those at most once', async () => {
    const { a, b, attachmentA, attachmentB, toA } = channelPair()
    const acked = failure(a.publish({ topic: 't', data: 'acked' }))
    await a.publish({ topic: 't', data: 'at most once' }, { delivery: 'at-most-once' })
    await vi.waitFor(() => expect(b.serving).toBe(1))
    attachmentA.detach(linkLost())
    attachmentB.detach(linkLost())
    expect((await acked).code).toBe('EOF')
    const seen: string[] = []
    b.onMessage((message) => void seen.push(message.text()))
    expect(seen).toEqual(['at most once'])
    expect(toA.framesOf(FrameType.ACK)).toHaveLength(0)
  })
})

function patterned(first: number): Uint8Array {
  const bytes = new Uint8Array(700)
  bytes[0] = first
  return bytes
}
