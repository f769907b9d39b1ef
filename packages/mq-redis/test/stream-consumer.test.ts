import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing, startBroker, type BrokerProcess } from '../../../test/brokers/brokers.mjs'
import { client, inbox, open, outgoing, send, sendAll, until } from './redis-subject.js'

const why = missing('redis')
let names = 0
const fresh = (): string => `c${++names}`

describe.skipIf(why !== undefined)(`consuming a stream${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
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
  const pendingOf = async (stream: string): Promise<number> => (await redis.xpending(stream, 'g'))[0] as number

  it('brings what was published, headers and key and all, in order, also what was there before the group', async () => {
    const stream = fresh()
    await using own = await openStream()
    await sendAll(own.session, [outgoing(stream, { data: 'a', key: 'k', headers: { 'frontier-edge-id': '7', 'frontier-meta': Buffer.from([255]) } }), outgoing(stream, { data: 'b' })])
    const { messages, texts, onMessage } = inbox()
    await own.session.consume!({ from: stream, group: 'g', maxUnsettled: 100, onMessage })
    await until(() => expect(texts()).toEqual(['a', 'b']))
    expect(messages[0]).toMatchObject({ source: stream, key: 'k', headers: { 'frontier-edge-id': Buffer.from('7'), 'frontier-meta': Buffer.from([255]) } })
    await redis.xadd(stream, '*', 'Strange', 'field')
    await until(() => expect(messages).toHaveLength(3))
    expect(messages[2]).toMatchObject({ key: '', headers: { strange: Buffer.from('field') }, data: new Uint8Array() })
    expect(await pendingOf(stream)).toBe(3)
    for (const message of messages) message.ack()
    messages[0]!.ack()
    await until(async () => expect(await pendingOf(stream)).toBe(0))
  })

  it('begins with what comes after it was made, when told so', async () => {
    const stream = fresh()
    await using own = await openStream({ groupStart: 'newest' })
    await send(own.session, outgoing(stream, { data: 'before' }))
    const { texts, onMessage } = inbox()
    await own.session.consume!({ from: stream, group: 'g', maxUnsettled: 100, onMessage })
    await send(own.session, outgoing(stream, { data: 'after' }))
    await until(() => expect(texts()).toEqual(['after']))
  })

  it('takes no more than may be unsettled at once', async () => {
    const stream = fresh()
    await using own = await openStream()
    await sendAll(own.session, Array.from({ length: 10 }, (_, i) => outgoing(stream, { data: String(i) })))
    const { messages, texts, onMessage } = inbox()
    await own.session.consume!({ from: stream, group: 'g', maxUnsettled: 3, onMessage })
    for (let i = 0; i < 10; i++) {
      await until(() => expect(messages.length).toBeGreaterThan(i))
      expect(messages.length - i).toBeLessThanOrEqual(3)
      messages[i]!.ack()
    }
    expect(texts()).toEqual(Array.from({ length: 10 }, (_, i) => String(i)))
  })

  it('brings again what it is asked to, and not what was acknowledged', async () => {
    const stream = fresh()
    await using own = await openStream()
    await sendAll(own.session, [outgoing(stream, { data: 'again' }), outgoing(stream, { data: 'once' })])
    const { messages, texts, onMessage } = inbox()
    await own.session.consume!({ from: stream, group: 'g', maxUnsettled: 100, onMessage })
    await until(() => expect(messages).toHaveLength(2))
    messages[0]!.retry()
    messages[1]!.ack()
    await until(() => expect(texts()).toEqual(['again', 'once', 'again']))
    messages[2]!.ack()
    await until(async () => expect(await pendingOf(stream)).toBe(0))
  })

  it('brings what it left unfinished when it comes again, and acknowledges before it closes', async () => {
    const stream = fresh()
    const first = await openStream({ consumerName: 'one' })
    await sendAll(first.session, [outgoing(stream, { data: 'a' }), outgoing(stream, { data: 'b' })])
    const before = inbox()
    await first.session.consume!({ from: stream, group: 'g', maxUnsettled: 100, onMessage: before.onMessage })
    await until(() => expect(before.messages).toHaveLength(2))
    before.messages[0]!.ack()
    await first.session.close(5000)
    expect(await pendingOf(stream)).toBe(1)
    await using other = await openStream({ consumerName: 'other' })
    const others = inbox()
    await other.session.consume!({ from: stream, group: 'g', maxUnsettled: 100, onMessage: others.onMessage })
    await using again = await openStream({ consumerName: 'one' })
    const after = inbox()
    await again.session.consume!({ from: stream, group: 'g', maxUnsettled: 100, onMessage: after.onMessage })
    await until(() => expect(after.texts()).toEqual(['b']))
    expect(others.messages).toEqual([])
  })

  it('takes over what another one left for too long, and what was deleted meanwhile is done with', async () => {
    const stream = fresh()
    await redis.xgroup('CREATE', stream, 'g', '0', 'MKSTREAM')
    const deleted = await redis.xadd(stream, '*', 'data', 'deleted')
    await redis.xadd(stream, '*', 'data', 'left')
    await redis.xreadgroup('GROUP', 'g', 'dead', 'COUNT', 10, 'STREAMS', stream, '>')
    await redis.xdel(stream, deleted!)
    await using own = await openStream({ claimAfterMs: 10 })
    const { messages, texts, onMessage } = inbox()
    await own.session.consume!({ from: stream, group: 'g', maxUnsettled: 100, onMessage })
    await until(() => expect(texts()).toEqual(['left']))
    messages[0]!.ack()
    await until(async () => expect(await pendingOf(stream)).toBe(0))
  })

  it('makes the group again when somebody deletes it', async () => {
    const stream = fresh()
    await using own = await openStream()
    const { texts, onMessage } = inbox()
    await own.session.consume!({ from: stream, group: 'g', maxUnsettled: 100, onMessage })
    await redis.del(stream)
    await until(async () => expect(await redis.exists(stream)).toBe(1))
    await send(own.session, outgoing(stream, { data: 'after' }))
    await until(() => expect(texts()).toEqual(['after']))
    expect(own.lost).toEqual([])
  })

  it('says what is wrong with what it is to consume', async () => {
    const [text, gone] = [fresh(), fresh()]
    await redis.set(text, 'x')
    await using own = await openStream({ createStreams: false })
    const options = { group: 'g', maxUnsettled: 1, onMessage: () => undefined }
    await expect(own.session.consume!({ from: text, ...options })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(own.session.consume!({ from: gone, ...options })).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
  })

  it('ends the session when the server goes', async () => {
    const mortal = await startBroker('redis')
    await using own = await open({ addresses: [mortal.address], mode: 'stream' })
    await own.session.consume!({ from: 's', group: 'g', maxUnsettled: 1, onMessage: () => undefined })
    await mortal.kill()
    await until(() => expect(own.lost).toMatchObject([{ code: 'BRIDGE_UNAVAILABLE' }]))
    await mortal.stop()
  })
})
