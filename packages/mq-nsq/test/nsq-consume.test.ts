import type { IncomingMessage } from '@frontier/mq'
import { afterAll, describe, expect, it } from 'vitest'

import { deleteTopics, depth, makeChannel, missing, nsqds, openDriver, publishByHttp, uniqueTopic } from './nsq.js'
import { tracked, until } from './pending.js'
import { TcpProxy } from './tcp-proxy.js'

if (nsqds.length < 2) it.skip(missing)
const lookupd = process.env['NSQLOOKUPD_HTTP']

describe.runIf(nsqds.length >= 2)('consuming from NSQ', () => {
  afterAll(deleteTopics)
  const text = ({ data }: IncomingMessage) => Buffer.from(data).toString()
  const acking = (got: string[]) => (message: IncomingMessage) => {
    got.push(text(message))
    message.ack()
  }

  it('takes messages of all nsqds, and they forget what is acked', async () => {
    const topic = uniqueTopic()
    const got: IncomingMessage[] = []
    const session = await openDriver({})
    await session.consume!({ from: topic, group: 'frontier', maxUnsettled: 10, onMessage: (message) => got.push(message) })
    await publishByHttp(topic, 'one', 0)
    await publishByHttp(topic, 'two', 1)
    await until(() => got.length === 2, 'both came')
    expect(got.map(text).sort()).toEqual(['one', 'two'])
    expect(got[0]).toMatchObject({ source: topic, key: '', headers: {} })
    for (const message of got) {
      message.ack()
      message.retry() // later calls are ignored
    }
    await until(async () => (await depth(topic, 0, 'frontier')) + (await depth(topic, 1, 'frontier')) === 0, 'they are forgotten')
    await session.close(1000)
  })

  it('reads key and headers out of envelopes, and leaves other messages as they are', async () => {
    const topic = uniqueTopic()
    const got: IncomingMessage[] = []
    const session = await openDriver({ addresses: nsqds.slice(0, 1), envelope: 'json' })
    await session.consume!({ from: topic, group: 'frontier', maxUnsettled: 10, onMessage: (message) => got.push(message) })
    const { message } = tracked(topic, Uint8Array.of(255, 1), { key: '9', headers: { 'frontier-edge-id': '9', 'frontier-meta': Uint8Array.of(0) } })
    session.send([message])
    await until(() => got.length === 1, 'it came')
    expect(got[0]).toMatchObject({ key: '9', headers: { 'frontier-edge-id': '9' } })
    expect([...got[0]!.data]).toEqual([255, 1])
    expect([...(got[0]!.headers['frontier-meta'] as Uint8Array)]).toEqual([0])
    await publishByHttp(topic, '{"no":"envelope"}')
    await publishByHttp(topic, '{"body":"by hand","headers":{"Frontier-Edge-ID":"3"}}')
    await until(() => got.length === 3, 'they came')
    expect(text(got[1]!)).toBe('{"no":"envelope"}')
    expect(text(got[2]!)).toBe('by hand')
    expect(got[2]!.headers).toEqual({ 'frontier-edge-id': '3' })
    await session.close(1000)
  })

  it('has at most maxUnsettled out, however many nsqds there are', async () => {
    const topic = uniqueTopic()
    for (const [at] of nsqds.entries()) for (let index = 0; index < 5; index++) await publishByHttp(topic, `${at}.${index}`, at)
    const got: IncomingMessage[] = []
    const session = await openDriver({})
    await session.consume!({ from: topic, group: 'frontier', maxUnsettled: 1, onMessage: (message) => got.push(message) })
    for (let number = 1; number <= 5 * nsqds.length; number++) {
      await until(() => got.length >= number, 'one more came')
      expect(got).toHaveLength(number)
      got.at(-1)!.ack()
    }
    await session.close(1000)
  })

  it('sends again what is to be retried, and what was not settled', async () => {
    const topic = uniqueTopic()
    const got: IncomingMessage[] = []
    const options = { addresses: nsqds.slice(0, 1) }
    const first = await openDriver(options)
    await first.consume!({ from: topic, group: 'frontier', maxUnsettled: 10, onMessage: (message) => (got.push(message) === 1 ? message.retry() : undefined) })
    await publishByHttp(topic, 'again')
    await until(() => got.length === 2, 'it came again')
    await first.close(1000)
    const second = await openDriver(options)
    await second.consume!({
      from: topic,
      group: 'frontier',
      maxUnsettled: 10,
      onMessage: (message) => {
        got.push(message)
        message.ack()
      },
    })
    await until(() => got.length === 3, 'it came to the next')
    await second.close(1000)
    await until(async () => (await depth(topic, 0, 'frontier')) === 0, 'what was settled before the close has arrived')
  })

  it('keeps a message that takes longer than nsqd waits', async () => {
    const topic = uniqueTopic()
    const got: IncomingMessage[] = []
    const session = await openDriver({ addresses: nsqds.slice(0, 1), messageTimeoutMs: 1000 })
    await session.consume!({ from: topic, group: 'frontier', maxUnsettled: 10, onMessage: (message) => got.push(message) })
    await publishByHttp(topic, 'slow')
    await until(() => got.length === 1, 'it came')
    await new Promise((resolve) => setTimeout(resolve, 2500)) // two and a half of its times: it would have come again
    got[0]!.ack()
    await until(async () => (await depth(topic, 0, 'frontier')) === 0, 'it is forgotten')
    expect(got).toHaveLength(1)
    await session.close(1000)
  })

  it('goes on when its nsqd was away', async () => {
    const topic = uniqueTopic()
    const [host, port] = nsqds[0]!.split(':')
    await using proxy = await new TcpProxy(host!, Number(port)).listen()
    const got: string[] = []
    const session = await openDriver({ addresses: [proxy.address, nsqds[1]!], maxReconnectDelayMs: 50 })
    await session.consume!({ from: topic, group: 'frontier', maxUnsettled: 10, onMessage: acking(got) })
    await proxy.kill()
    await publishByHttp(topic, 'meanwhile', 0)
    await publishByHttp(topic, 'elsewhere', 1)
    await until(() => got.includes('elsewhere'), 'the other is consumed')
    await proxy.listen()
    await until(() => got.includes('meanwhile'), 'it is consumed again')
    await session.close(1000)
  })

  it('refuses names that nsqd does not take', async () => {
    const session = await openDriver({})
    for (const names of [{ from: 'a b', group: 'g' }, { from: 'a', group: 'g\nFIN x' }]) {
      await expect(session.consume!({ ...names, maxUnsettled: 1, onMessage: () => undefined })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
    await session.close(1000)
  })

  it.runIf(lookupd)('finds nsqds by nsqlookupd, also those that have the topic later', async () => {
    const topic = uniqueTopic()
    const got: string[] = []
    const session = await openDriver({ addresses: nsqds.slice(0, 1), lookupdAddresses: ['127.0.0.1:1', lookupd!], lookupdPollMs: 100 })
    await session.consume!({ from: topic, group: 'frontier', maxUnsettled: 10, onMessage: acking(got) })
    await makeChannel(topic)
    await publishByHttp(topic, 'first', 0)
    await until(() => got.includes('first'), 'the first nsqd is found')
    await publishByHttp(topic, 'second', 1)
    await until(() => got.includes('second'), 'the second nsqd is found')
    await session.close(1000)
  })
})
