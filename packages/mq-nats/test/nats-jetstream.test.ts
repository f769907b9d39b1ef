import type { BrokerSession, IncomingMessage } from '@frontier/mq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { isMissing, openDriver, Other, plain, resources, sendRaw, three } from './nats.js'
import { told, tracked, unique, until, type Tracked } from './pending.js'
import { TcpProxy } from './tcp-proxy.js'

const codesOf = (sent: readonly Tracked[]): Promise<string[]> =>
  Promise.all(sent.map(async ({ outcome: settled }) => settled.then((outcome) => (outcome.how === 'done' ? 'done' : `${outcome.how} ${outcome.error.code}`))))
const textOf = ({ data }: IncomingMessage): string => new TextDecoder().decode(data)

describe.skipIf(plain === '')(`publishing into JetStream ${plain === '' ? isMissing('NATS_URL') : ''}`, () => {
  let other: Other
  beforeAll(async () => {
    other = await Other.connect()
  })
  afterAll(() => other[Symbol.asyncDispose]())

  it('creates the stream, and is acknowledged when it has the message', async () => {
    const name = other.also(unique('stream'))
    const session = await openDriver({ topics: [`${name}.>`, '*'], jetStream: { name, duplicateWindowMs: 60_000, maxAgeMs: 3_600_000, maxBytes: 1_000_000 } })
    const sent = [tracked(`${name}.a`, 'hällo', { headers: { 'frontier-edge-id': '7' } }), tracked(`${name}.b`, '')]
    session.send(sent.map(({ message }) => message))
    expect(await codesOf(sent)).toEqual(['done', 'done'])
    await session.close(1_000)
    expect(await other.read(name)).toEqual([
      { subject: `${name}.a`, data: 'hällo', headers: { 'Nats-Msg-Id': sent[0]!.message.id, 'frontier-edge-id': '7' } },
      { subject: `${name}.b`, data: '', headers: { 'Nats-Msg-Id': sent[1]!.message.id } },
    ])
    const { config } = await other.manager.streams.info(name)
    expect(config).toMatchObject({ subjects: [`${name}.>`], duplicate_window: 60e9, max_age: 3600e9, max_bytes: 1_000_000, storage: 'file' })
  })

  it('uses a stream that is there as it is', async () => {
    const name = await other.stream({ max_msgs: 77 })
    const session = await openDriver({ jetStream: { name, subjects: [`${name}.a`, `${name}.b.>`], maxBytes: 5 } })
    const { message, outcome } = tracked(`${name}.a`)
    session.send([message])
    expect(await outcome).toEqual({ how: 'done' })
    await session.close(1_000)
    expect((await other.manager.streams.info(name)).config).toMatchObject({ max_msgs: 77, max_bytes: -1 })
  })

  it('is refused by a stream that is there and does not take the subjects, or is not there and cannot be created', async () => {
    const name = await other.stream()
    const open = (jetStream: Parameters<typeof openDriver>[0]) => openDriver(jetStream)
    const refused = { code: 'INVALID_ARGUMENT' }
    await expect(open({ jetStream: { name, subjects: ['elsewhere.>'] } })).rejects.toMatchObject(refused)
    await expect(open({ jetStream: { name: unique('none'), subjects: ['x.>'], create: false } })).rejects.toMatchObject(refused)
    await expect(open({ topics: ['*'], jetStream: { name: unique('none') } })).rejects.toMatchObject(refused)
    await expect(open({ jetStream: { name: unique('overlap'), subjects: [`${name}.x`] } })).rejects.toMatchObject(refused)
    await expect(open({ jetStream: { name: unique('copies'), subjects: [unique('y')], replicas: 3 } })).rejects.toMatchObject({ retryable: expect.any(Boolean) })
  })

  it('stores a message once that is sent again', async () => {
    const name = await other.stream()
    const session = await openDriver({ jetStream: { name } })
    const first = tracked(`${name}.a`, 'x', { id: 'same' })
    const again = tracked(`${name}.a`, 'x', { id: 'same' })
    session.send([first.message])
    session.send([again.message])
    expect(await codesOf([first, again])).toEqual(['done', 'done'])
    expect(await other.read(name)).toHaveLength(1)
    await session.close(1_000)
  })

  it('refuses what no stream takes, what is too large, and what has no room, and goes on', async () => {
    const name = await other.stream({ max_msg_size: 200, max_msgs: 3, discard: 'new' as never })
    const events = told()
    const session = await openDriver({ jetStream: { name } }, events)
    const sent = [
      tracked(unique('nowhere')),
      tracked(`${name}.a`),
      tracked(`${name}.a`, 'x'.repeat(300)),
      tracked(`${name}.a`, new Uint8Array(2_000_000)),
      tracked(`${name}.b`),
      tracked(unique('nowhere')),
      tracked(`${name}.c`),
      tracked(`${name}.full`),
    ]
    session.send(sent.map(({ message }) => message))
    expect(await codesOf(sent)).toEqual([
      'refused RECORD_NOT_FOUND',
      'done',
      'refused PAYLOAD_TOO_LARGE',
      'refused PAYLOAD_TOO_LARGE',
      'done',
      'refused RECORD_NOT_FOUND',
      'done',
      'refused BUFFER_FULL',
    ])
    expect(events).toMatchObject({ lost: [], troubles: [] })
    await session.close(1_000)
  })

  it('keeps the order of what it sends', async () => {
    const name = await other.stream()
    const session = await openDriver({ jetStream: { name } })
    const sent = Array.from({ length: 4_000 }, (_, i) => tracked(`${name}.a`, String(i)))
    for (let i = 0; i < sent.length; i += 250) session.send(sent.slice(i, i + 250).map(({ message }) => message))
    await session.close(10_000)
    expect(new Set(await codesOf(sent))).toEqual(new Set(['done']))
    expect((await other.read(name)).map(({ data }) => data)).toEqual(sent.map((_, i) => String(i)))
  })

  it('loses what was not acknowledged with its connection; sent again, all is there once and in order', async () => {
    await using proxy = await new TcpProxy('127.0.0.1', Number(new URL(plain).port)).listen()
    const name = await other.stream()
    const events = told()
    const first = await openDriver({ addresses: [proxy.address], jetStream: { name } }, events)
    const sent = Array.from({ length: 3_000 }, (_, i) => ({ ...tracked(`${name}.a`, String(i), { id: `${name}-${i}` }), index: i }))
    first.send(sent.slice(0, 1_000).map(({ message }) => message))
    await sent[500]!.outcome
    await proxy.kill()
    first.send(sent.slice(1_000).map(({ message }) => message))
    const outcomes = await codesOf(sent)
    const lost = sent.filter((_, i) => outcomes[i] !== 'done')
    expect(new Set(lost.map(({ index }) => outcomes[index]))).toEqual(new Set(['lost BRIDGE_UNAVAILABLE']))
    await until(() => events.lost.length === 1, 'it is told')
    await first.close(0)
    await proxy.listen()
    const second = await openDriver({ addresses: [proxy.address], jetStream: { name } })
    const again = lost.map(({ index }) => tracked(`${name}.a`, String(index), { id: `${name}-${index}` }))
    second.send(again.map(({ message }) => message))
    expect(new Set(await codesOf(again))).toEqual(new Set(['done']))
    await second.close(1_000)
    expect((await other.read(name)).map(({ data }) => data)).toEqual(sent.map((_, i) => String(i)))
  })

  it('gives up a connection over which no acknowledgement comes', async () => {
    await using proxy = await new TcpProxy('127.0.0.1', Number(new URL(plain).port)).listen()
    const name = await other.stream()
    const events = told()
    const session = await openDriver({ addresses: [proxy.address], jetStream: { name, publishTimeoutMs: 300 } }, events)
    proxy.freeze()
    const { message, outcome } = tracked(`${name}.a`)
    session.send([message])
    expect(await outcome).toMatchObject({ how: 'lost' })
    expect(events.lost).toHaveLength(1)
    await session.close(0)
  })

  it('leaves nothing behind', async () => {
    const name = await other.stream()
    const before = resources()
    for (const timeoutMs of [1_000, 0]) {
      const session = await openDriver({ jetStream: { name } })
      await session.consume!({ from: name, group: 'g', maxUnsettled: 10, onMessage: (message) => message.ack() })
      const { message, outcome } = tracked(`${name}.a`)
      session.send([message])
      await session.close(timeoutMs)
      await outcome
    }
    await until(() => resources() <= before, 'nothing is left')
  })
})

describe.skipIf(plain === '')(`consuming from JetStream ${plain === '' ? isMissing('NATS_URL') : ''}`, () => {
  let other: Other
  beforeAll(async () => {
    other = await Other.connect()
  })
  afterAll(() => other[Symbol.asyncDispose]())

  const consume = (session: BrokerSession, from: string, onMessage: (message: IncomingMessage) => void, maxUnsettled = 100) =>
    session.consume!({ from, group: 'frontier', maxUnsettled, onMessage })

  it('hands out what was there and what comes, and each once when it is acknowledged', { timeout: 90_000 }, async () => {
    const name = await other.stream()
    const js = other.connection.jetstream()
    for (let i = 0; i < 300; i++) await js.publish(`${name}.a`, String(i))
    const seen: string[] = []
    for (const enough of [150, 301]) {
      const session = await openDriver({ jetStream: { name } })
      const take = (message: IncomingMessage): void => {
        if (seen.length >= enough) return
        seen.push(textOf(message))
        message.ack()
      }
      await consume(session, `${name}.*`, take, 20)
      if (enough === 301) await js.publish(`${name}.b`, '300')
      // What is on its way to a session that closes comes again when the server has waited for it: 30 s.
      await until(() => seen.length === enough, 'all are seen', 50_000)
      await session.close(1_000)
    }
    expect(seen.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 301 }, (_, i) => i))
  })

  it('hands out again what is to be tried again', async () => {
    const name = await other.stream()
    await other.connection.jetstream().publish(`${name}.a`, 'x')
    const session = await openDriver({ jetStream: { name } })
    let tries = 0
    await consume(session, name, (message) => {
      expect(message.source).toBe(`${name}.a`)
      if (++tries < 3) message.retry()
      else message.ack()
    })
    await until(() => tries === 3, 'the third try')
    await session.close(1_000)
    const { num_ack_pending: pending, num_pending: left } = await other.manager.consumers.info(name, 'frontier')
    expect([pending, left]).toEqual([0, 0])
  })

  it('hands out no more than may be unsettled', async () => {
    const name = await other.stream()
    for (let i = 0; i < 50; i++) await other.connection.jetstream().publish(`${name}.a`, String(i))
    const session = await openDriver({ jetStream: { name } })
    const held: IncomingMessage[] = []
    let most = 0
    let settled = 0
    await consume(session, name, (message) => {
      held.push(message)
      most = Math.max(most, held.length)
      setImmediate(() => {
        held.shift()?.ack()
        settled++
      })
    }, 7)
    await until(() => settled === 50, 'all are settled')
    expect(most).toBeLessThanOrEqual(7)
    await session.close(1_000)
  })

  it('is refused where no stream takes it, or the durable is for something else', async () => {
    const name = await other.stream()
    const session = await openDriver({ jetStream: { name } })
    await expect(consume(session, unique('nowhere'), () => undefined)).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
    await other.manager.consumers.add(name, { durable_name: 'frontier', filter_subject: `${name}.x`, ack_policy: 'explicit' as never })
    await expect(consume(session, name, () => undefined)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await session.close(1_000)
  })

  it('keeps to the bounds of a durable that somebody else made', async () => {
    const name = await other.stream()
    for (let i = 0; i < 20; i++) await other.connection.jetstream().publish(`${name}.a`, String(i))
    await other.manager.consumers.add(name, { durable_name: 'frontier', ack_policy: 'explicit' as never, max_batch: 3, max_expires: 2e9, ack_wait: 3e9 })
    const answers: string[] = []
    other.connection.subscribe(`$JS.ACK.${name}.frontier.>`, { callback: (_error, { data }) => answers.push(new TextDecoder().decode(data)) })
    await other.connection.flush()
    const session = await openDriver({ jetStream: { name } })
    const held: IncomingMessage[] = []
    await consume(session, name, (message) => held.push(message))
    await until(() => held.length === 20, 'all come')
    // It is told that we are busy with them before it would send them again.
    await until(() => answers.filter((answer) => answer === '+WPI').length >= 40, 'news of each, twice')
    expect(held.map(textOf)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
    for (const message of held) message.ack()
    await session.close(1_000)
  })

  it('is not stopped by headers that break the rules', async () => {
    const name = await other.stream()
    const session = await openDriver({ jetStream: { name } })
    const seen: string[] = []
    await consume(session, name, (message) => {
      seen.push(textOf(message))
      message.ack()
    })
    await sendRaw(plain, `${name}.a`, 'NATS/1.0\r\nno name: x\r\n\r\n', 'bad')
    await other.connection.jetstream().publish(`${name}.a`, 'good')
    await until(() => seen.length === 2, 'both come')
    expect(seen).toEqual(['bad', 'good'])
    const { message, outcome } = tracked(`${name}.b`)
    session.send([message])
    expect(await outcome).toEqual({ how: 'done' })
    await session.close(1_000)
  })

  it('ends the session when the consumer is deleted', async () => {
    const name = await other.stream()
    const events = told()
    const session = await openDriver({ jetStream: { name } }, events)
    await consume(session, name, () => undefined)
    await other.manager.consumers.delete(name, 'frontier')
    await until(() => events.lost.length === 1, 'it is told')
    await session.close(0)
  })
})

describe.skipIf(three === '')(`JetStream of three servers ${three === '' ? isMissing('NATS3_URLS') : ''}`, () => {
  it('stores copies, whichever server it is told to', async () => {
    const other = await Other.connect(three)
    const name = other.also(unique('stream'))
    for (const address of three.split(',')) {
      const session = await openDriver({ addresses: [address], jetStream: { name, subjects: [`${name}.>`], replicas: 3 } })
      const { message, outcome } = tracked(`${name}.a`, address)
      session.send([message])
      expect(await outcome).toEqual({ how: 'done' })
      await session.close(1_000)
    }
    expect((await other.manager.streams.info(name)).config.num_replicas).toBe(3)
    expect(await other.read(name)).toHaveLength(3)
    await other[Symbol.asyncDispose]()
  })
})
