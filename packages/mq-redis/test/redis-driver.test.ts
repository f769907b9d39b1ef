import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Redis } from 'ioredis'
import { missing, startBroker, type BrokerProcess } from '../../../test/brokers/brokers.mjs'
import { client, inbox, open, outgoing, send, sendAll, until } from './redis-subject.js'

const why = missing('redis')
const note = why === undefined ? '' : ` (skipped: ${why})`
let names = 0
const fresh = (): string => `t${++names}`

describe.skipIf(why !== undefined)(`a session with Redis${note}`, () => {
  let broker: BrokerProcess
  let redis: Redis
  beforeAll(async () => {
    broker = await startBroker('redis')
    redis = await client(`redis://${broker.address}`)
  })
  afterAll(async () => {
    redis.disconnect()
    await broker.stop()
  })
  const openStream = (options = {}) => open({ addresses: [broker.address], mode: 'stream', ...options })

  it('adds to a stream what a message has: data, id, key and headers, byte for byte', async () => {
    await using own = await openStream()
    const stream = fresh()
    const data = Buffer.from([0, 1, 255, 13, 10])
    const headers = { 'frontier-edge-id': '7', 'frontier-meta': Buffer.from([200, 0]), data: 'not this one' }
    expect(await send(own.session, outgoing(stream, { data, key: 'k', id: 'i', headers }))).toBe('done')
    const [[, fields]] = (await redis.xrangeBuffer(stream, '-', '+')) as [[Buffer, Buffer[]]]
    expect(fields.map((field) => field.toString('latin1'))).toEqual(['data', data.toString('latin1'), 'id', 'i', 'key', 'k', 'frontier-edge-id', '7', 'frontier-meta', 'È\0'])
  })

  it('keeps the order of batches that are under way at once', async () => {
    await using own = await openStream()
    const stream = fresh()
    const batches = Array.from({ length: 8 }, (_, batch) => Array.from({ length: 300 }, (_, i) => outgoing(stream, { data: String(batch * 300 + i) })))
    const outcomes = await Promise.all(batches.map((batch) => sendAll(own.session, batch)))
    expect(outcomes.flat().every((outcome) => outcome === 'done')).toBe(true)
    const entries = await redis.xrange(stream, '-', '+')
    expect(entries.map(([, [, data]]) => Number(data))).toEqual(Array.from({ length: 2400 }, (_, i) => i))
  })

  it('trims a stream to about what it may keep', async () => {
    await using own = await openStream({ streamMaxLength: 500 })
    const stream = fresh()
    await sendAll(own.session, Array.from({ length: 3000 }, () => outgoing(stream)))
    expect(await redis.xlen(stream)).toBeLessThan(1000)
  })

  it('refuses what goes into a key of another kind, and into a stream that is missing and may not be made', async () => {
    await using own = await openStream({ createStreams: false })
    const [text, gone, there] = [fresh(), fresh(), fresh()]
    await redis.set(text, 'x')
    await redis.xadd(there, '*', 'a', 'b')
    const outcomes = await sendAll(own.session, [outgoing(text), outgoing(gone), outgoing(there)])
    expect(outcomes).toMatchObject([{ refused: { code: 'INVALID_ARGUMENT' } }, { refused: { code: 'RECORD_NOT_FOUND' } }, 'done'])
    expect(own.lost).toEqual([])
  })

  it('knows what the server takes in one piece, and a name that is none', async () => {
    await redis.config('SET', 'proto-max-bulk-len', '1mb')
    try {
      await using own = await openStream()
      expect(own.check(outgoing('s', { data: Buffer.alloc(1_048_577) }))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
      expect(own.check(outgoing('s', { data: Buffer.alloc(1_048_576) }))).toBeUndefined()
      expect(own.check(outgoing(''))).toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(await send(own.session, outgoing(fresh(), { data: Buffer.alloc(1_048_576) }))).toBe('done')
    } finally {
      await redis.config('SET', 'proto-max-bulk-len', '512mb')
    }
  })

  it('waits for a server that has no room for more connections', async () => {
    await redis.config('SET', 'maxclients', '1')
    try {
      await expect(openStream()).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE', retryable: true })
      await expect(openStream({ password: 'x' })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    } finally {
      await redis.config('SET', 'maxclients', '1000')
    }
  })

  it('refuses for now when the server has no memory left', async () => {
    await using own = await openStream()
    await redis.config('SET', 'maxmemory', '1')
    try {
      expect(await send(own.session, outgoing(fresh()))).toMatchObject({ refused: { code: 'BRIDGE_UNAVAILABLE', retryable: true, delivered: 'no' } })
    } finally {
      await redis.config('SET', 'maxmemory', '0')
    }
    expect(await send(own.session, outgoing(fresh()))).toBe('done')
    expect(own.lost).toEqual([])
  })

  it('is over when the server takes no writes any more: they belong to another one', async () => {
    await using own = await openStream()
    await redis.replicaof('127.0.0.1', '1')
    try {
      expect(await send(own.session, outgoing(fresh()))).toMatchObject({ lost: { code: 'BRIDGE_UNAVAILABLE' } })
      expect(own.lost).toMatchObject([{ code: 'BRIDGE_UNAVAILABLE', reason: expect.stringContaining('READONLY') as string }])
      await expect(openStream()).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE', reason: expect.stringMatching(/replica|MASTERDOWN/) as string })
    } finally {
      await redis.replicaof('NO', 'ONE')
    }
  })

  it('publishes to a channel, and hears channels and patterns', async () => {
    await using own = await open({ addresses: [broker.address] })
    const all = inbox()
    const one = inbox()
    await own.session.consume!({ from: 'news.*', group: 'g', maxUnsettled: 10, onMessage: all.onMessage })
    await own.session.consume!({ from: 'news.a', group: 'g', maxUnsettled: 1, onMessage: one.onMessage })
    const data = Buffer.from([0, 255, 10])
    expect(await sendAll(own.session, [outgoing('news.a', { data }), outgoing('news.b', { data: 'b' })])).toEqual(['done', 'done'])
    await until(() => expect([all.messages.length, one.messages.length]).toEqual([2, 1]))
    expect(all.messages.map(({ source }) => source)).toEqual(['news.a', 'news.b'])
    expect(one.messages[0]).toMatchObject({ source: 'news.a', key: '', headers: {}, data })
    // One that is full does not read, and goes on when it is not.
    await sendAll(own.session, Array.from({ length: 5 }, (_, i) => outgoing('news.a', { data: String(i) })))
    for (let i = 0; i < 6; i++) {
      await until(() => expect(one.messages.length).toBeGreaterThan(i))
      one.messages[i]!.ack()
    }
    expect(one.texts().slice(1)).toEqual(['0', '1', '2', '3', '4'])
  })

  it('loses what is on its way when the server is killed, and says so once', async () => {
    const own = await startBroker('redis')
    const { session, lost } = await open({ addresses: [own.address], mode: 'stream' })
    expect(await send(session, outgoing('s'))).toBe('done')
    await own.pause()
    const outcomes = sendAll(session, [outgoing('s'), outgoing('s')])
    await own.kill()
    expect(await outcomes).toMatchObject([{ lost: { code: 'BRIDGE_UNAVAILABLE' } }, { lost: { code: 'BRIDGE_UNAVAILABLE' } }])
    await until(() => expect(lost).toHaveLength(1))
    await session.close(1000)
    await expect(open({ addresses: [own.address] })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE', retryable: true })
    await own.restart()
    await using again = await open({ addresses: [own.address], mode: 'stream' })
    expect(await send(again.session, outgoing('s'))).toBe('done')
    expect(again.lost).toEqual([])
    expect(lost).toHaveLength(1)
    await own.stop()
  })

  it('sends what is under way before it closes, and gives up what a server that hangs does not answer', async () => {
    const { session } = await openStream()
    const stream = fresh()
    const outcomes = sendAll(session, Array.from({ length: 1000 }, () => outgoing(stream)))
    await session.close(10_000)
    expect((await outcomes).every((outcome) => outcome === 'done')).toBe(true)
    const hanging = await startBroker('redis')
    const other = await open({ addresses: [hanging.address], mode: 'stream' })
    await hanging.pause()
    const outcome = send(other.session, outgoing(stream))
    await other.session.close(50)
    expect(await outcome).toMatchObject({ lost: { code: 'BRIDGE_UNAVAILABLE' } })
    expect(other.lost).toEqual([])
    await hanging.stop()
  })

  it('notices a server that hangs by what it does not answer', async () => {
    const own = await startBroker('redis')
    const { session, lost } = await open({ addresses: [own.address], mode: 'stream', ackTimeoutMs: 200 })
    await own.pause()
    expect(await send(session, outgoing('s'))).toMatchObject({ lost: { code: 'BRIDGE_UNAVAILABLE' } })
    expect(lost).toHaveLength(1)
    await session.close(0)
    await own.stop()
  })

  it('uses each address: one that is down, one that only copies, one that serves', async () => {
    const [down, replica] = await Promise.all([startBroker('redis'), startBroker('redis')])
    await down.kill()
    const copy = await client(`redis://${replica.address}`)
    await copy.replicaof('127.0.0.1', broker.address.split(':')[1]!)
    copy.disconnect()
    await using own = await openStream({ addresses: [down.address, replica.address, broker.address] })
    const stream = fresh()
    expect(await send(own.session, outgoing(stream))).toBe('done')
    expect(await redis.xlen(stream)).toBe(1)
    await Promise.all([down.stop(), replica.stop()])
  })

  it('gives up when it is told to while it connects, and leaves nothing behind', async () => {
    const hanging = await startBroker('redis')
    await hanging.pause()
    const controller = new AbortController()
    const opening = open({ addresses: [hanging.address] }, controller.signal)
    controller.abort(new Error('enough'))
    await expect(opening).rejects.toThrow('enough')
    await hanging.stop()
  })

  it('uses the database it is given, and says when there is none', async () => {
    await using own = await openStream({ db: 3 })
    const stream = fresh()
    await send(own.session, outgoing(stream))
    expect(await redis.xlen(stream)).toBe(0)
    await expect(openStream({ db: 99 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('leaves no connection behind, and prints nothing', async () => {
    const spies = (['log', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name))
    const { session } = await openStream({ password: 'nobody asked for one' })
    await session.consume!({ from: fresh(), group: 'g', maxUnsettled: 1, onMessage: () => undefined })
    expect(((await redis.client('LIST')) as string).trim().split('\n')).toHaveLength(3)
    await session.close(1000)
    await until(async () => expect(((await redis.client('LIST')) as string).trim().split('\n')).toHaveLength(1))
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled()
      spy.mockRestore()
    }
  })
})
