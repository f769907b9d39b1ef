import type { BridgeGateway, EdgeRequest } from '@frontier/exchange'
import { FrontierError } from '@frontier/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { InboundOptions } from './bridge-options.js'
import { resolveBridgeOptions } from './bridge-settings.js'
import type { OutgoingMessage } from './broker-driver.js'
import { Inbound } from './inbound.js'

const encoder = new TextEncoder()
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

function setUp(onPublish: (edgeId: bigint, request: EdgeRequest) => Promise<void>, options: Partial<InboundOptions> = {}) {
  const published: string[] = []
  const settled: string[] = []
  const dead: Omit<OutgoingMessage, 'id'>[] = []
  const gateway: BridgeGateway = {
    isOnline: () => true,
    edgesWith: () => [7n, 8n],
    publish(edgeId, _topic, request) {
      published.push(`${edgeId} ${new TextDecoder().decode(request.data)}`)
      return onPublish(edgeId, request)
    },
    call: () => Promise.reject(new Error('not here')),
  }
  const { consume, logger } = resolveBridgeOptions('test', { consume: [{ from: 'in', to: { key: true }, deadLetter: 'dead', timeoutMs: 1000, ...options }], logger: silent })
  const send = (message: Omit<OutgoingMessage, 'id'>): Promise<void> => Promise.resolve(void dead.push(message))
  const inbound = new Inbound(consume[0]!, { gateway, logger, name: 'test', send })
  const feed = (data: string, key = '7'): void => {
    inbound.onMessage({ source: 'in', key, headers: {}, data: encoder.encode(data), ack: () => void settled.push(`${data} acked`), retry: () => void settled.push(`${data} retried`) })
  }
  return { inbound, feed, published, settled, dead }
}

/** What a gateway does for an edge that never answers. */
function silence(_edgeId: bigint, { timeoutMs, signal }: EdgeRequest): Promise<void> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new FrontierError('TIMEOUT', 'no answer', { delivered: 'maybe' })), timeoutMs)
    signal?.addEventListener('abort', () => reject(new FrontierError('CANCELLED', 'gave up')))
  })
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('Inbound', () => {
  it('gives a stuck edge its time once, not once for each message, and dead letters say so', async () => {
    const { feed, published, settled, dead } = setUp((edgeId, request) => (edgeId === 7n ? silence(edgeId, request) : Promise.resolve()))
    for (let i = 0; i < 50; i++) feed(String(i))
    feed('other', '8')
    await vi.advanceTimersByTimeAsync(500)
    feed('late')
    expect([published, settled]).toEqual([['7 0', '8 other'], ['other acked']])
    await vi.advanceTimersByTimeAsync(501)
    expect(settled.length).toBe(51)
    expect(dead.map(({ headers }) => headers['frontier-error'])).toEqual(Array.from({ length: 50 }, () => 'TIMEOUT'))
    expect(published.at(-1)).toBe('7 late')
    await vi.advanceTimersByTimeAsync(500)
    expect(settled.length).toBe(52)
  })

  it('outlives a driver whose message cannot be settled', async () => {
    const { inbound, feed, settled } = setUp(() => Promise.resolve())
    inbound.onMessage({
      source: 'in',
      key: '7',
      headers: {},
      data: encoder.encode('1'),
      ack() {
        throw new Error('the library is through')
      },
      retry: () => undefined,
    })
    feed('2')
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toEqual(['2 acked'])
    await inbound.close()
  })

  it('gives a slow edge all of its messages', async () => {
    const { feed, published, dead } = setUp(() => new Promise((resolve) => setTimeout(resolve, 900)))
    for (let i = 0; i < 5; i++) feed(String(i))
    await vi.advanceTimersByTimeAsync(5000)
    expect([published, dead]).toEqual([['7 0', '7 1', '7 2', '7 3', '7 4'], []])
  })

  it('settles what goes to many edges when the last of them is done, also when one has failed', async () => {
    let done: (() => void) | undefined
    const { feed, settled, dead } = setUp((edgeId) => (edgeId === 7n ? Promise.reject(new FrontierError('EDGE_NOT_ONLINE', 'gone')) : new Promise((resolve) => (done = resolve))), { to: { labels: { site: 'a' } } })
    feed('x')
    await vi.advanceTimersByTimeAsync(10)
    expect([settled, dead]).toEqual([[], []])
    done!()
    await vi.advanceTimersByTimeAsync(10)
    expect([settled, dead.map(({ headers }) => headers['frontier-error'])]).toEqual([['x acked'], ['EDGE_NOT_ONLINE']])
  })

  it('forgets what a session that is gone has left: the broker sends it again', async () => {
    let done: (() => void) | undefined
    const { inbound, feed, published, settled, dead } = setUp(() => new Promise((resolve) => (done = resolve)))
    for (const data of ['a', 'b', 'c']) feed(data)
    inbound.forget()
    for (const data of ['b', 'c']) feed(data)
    for (let i = 0; i < 3; i++) {
      done!()
      await vi.advanceTimersByTimeAsync(10)
    }
    expect([published, settled, dead]).toEqual([['7 a', '7 b', '7 c'], ['a acked', 'b retried', 'c retried', 'b acked', 'c acked'], []])
  })
})
