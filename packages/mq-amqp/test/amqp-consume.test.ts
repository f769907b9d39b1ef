import type { IncomingMessage } from '@frontier/mq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { amqpDriver } from '../src/index.js'
import { tracked, until } from './pending.js'
import { address, missing, openDriver, Other, told, unique, url } from './rabbitmq.js'

if (url === undefined) it.skip(missing)

describe.runIf(url)('consuming from RabbitMQ', () => {
  let other: Other
  beforeAll(async () => (other = await Other.connect()))
  afterAll(() => other[Symbol.asyncDispose]())

  const depth = async (queue: string) => (await other.channel.checkQueue(queue)).messageCount

  it('hands out messages with headers and key, and the broker forgets what is acked', async () => {
    const queue = await other.queue()
    const got: IncomingMessage[] = []
    const session = await openDriver({})
    other.channel.sendToQueue(queue, Buffer.from('one'), { headers: { 'Frontier-Edge-ID': '7', bytes: Buffer.of(1, 255), n: 5 } })
    other.channel.sendToQueue(queue, Buffer.from('two'), { headers: { 'frontier-key': '9' } })
    await session.consume!({ from: queue, group: 'frontier', maxUnsettled: 10, onMessage: (message) => got.push(message) })
    await until(() => got.length === 2, 'both came')
    expect(got[0]).toMatchObject({ source: queue, key: queue, headers: { 'frontier-edge-id': '7', n: '5' } })
    expect([...(got[0]!.headers['bytes'] as Uint8Array)]).toEqual([1, 255])
    expect(got.map(({ data }) => Buffer.from(data).toString())).toEqual(['one', 'two'])
    expect(got[1]!.key).toBe('9')
    for (const message of got) {
      message.ack()
      message.ack() // later calls are ignored
      message.retry()
    }
    await session.close(1000)
    expect(await depth(queue)).toBe(0)
  })

  it('has at most maxUnsettled out, and leaves the rest to others', async () => {
    const queue = await other.queue()
    for (let index = 0; index < 50; index++) other.channel.sendToQueue(queue, Buffer.from(`${index}`))
    const got: IncomingMessage[] = []
    const session = await openDriver({})
    await session.consume!({ from: queue, group: 'frontier', maxUnsettled: 5, onMessage: (message) => got.push(message) })
    await until(() => got.length === 5, 'five came')
    got[0]!.ack()
    await until(() => got.length === 6, 'one more came')
    await until(async () => (await depth(queue)) === 44, 'the rest waits')
    await session.close(1000)
    await until(async () => (await depth(queue)) === 49, 'what was not acked is back')
  })

  it('sends again what is to be retried', async () => {
    const queue = await other.queue()
    let times = 0
    const session = await openDriver({})
    await session.consume!({ from: queue, group: 'frontier', maxUnsettled: 1, onMessage: (message) => (++times < 3 ? message.retry() : message.ack()) })
    other.channel.sendToQueue(queue, Buffer.from('x'))
    await until(() => times === 3, 'it came three times')
    await session.close(1000)
    expect(await depth(queue)).toBe(0)
  })

  it('refuses a queue that is not there, and publishes on', async () => {
    const session = await openDriver({})
    const consuming = session.consume!({ from: unique('nowhere'), group: 'g', maxUnsettled: 1, onMessage: () => undefined })
    await expect(consuming).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
    await session.close(1000)
  })

  it('publishes on when a queue that it consumed is gone after a reconnect, and consumes it when it is back', async () => {
    const [queue, target] = [await other.queue(), await other.queue()]
    const driver = amqpDriver({ addresses: [address] })
    const got: string[] = []
    const onMessage = (message: IncomingMessage) => {
      got.push(Buffer.from(message.data).toString())
      message.ack()
    }
    const options = { from: queue, group: 'g', maxUnsettled: 10, onMessage }
    const first = await driver.open(told(), AbortSignal.timeout(10_000))
    await first.consume!(options)
    await first.close(1000)
    await other.channel.deleteQueue(queue)
    const events = told()
    const session = await driver.open(events, AbortSignal.timeout(10_000))
    await session.consume!(options)
    expect(events.troubles).toMatchObject([{ code: 'RECORD_NOT_FOUND' }])
    const { message, outcome } = tracked(target)
    session.send([message])
    expect((await outcome).how).toBe('done')
    await other.channel.assertQueue(queue, { durable: false })
    other.channel.sendToQueue(queue, Buffer.from('after'))
    await until(() => got.length === 1 && events.recovered === 1, 'it consumes again')
    expect(events.lost).toEqual([])
    await session.close(1000)
  })

  it('consumes on when its queue was deleted and is there again', async () => {
    const queue = await other.queue()
    const events = told()
    const got: string[] = []
    const session = await openDriver({}, events)
    const onMessage = (message: IncomingMessage) => {
      got.push(Buffer.from(message.data).toString())
      message.ack()
    }
    await session.consume!({ from: queue, group: 'g', maxUnsettled: 10, onMessage })
    await other.channel.deleteQueue(queue)
    await until(() => events.troubles.length > 0, 'the trouble is told')
    expect(events.troubles[0]!.code).toBe('RECORD_NOT_FOUND')
    await other.channel.assertQueue(queue, { durable: false })
    other.channel.sendToQueue(queue, Buffer.from('after'))
    await until(() => got.length === 1, 'it consumes again')
    await until(() => events.recovered === 1, 'the end of the trouble is told')
    expect(events.lost).toEqual([])
    await session.close(1000)
  })
})
