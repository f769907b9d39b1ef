import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { amqpDriver } from '../src/index.js'
import { tracked, until } from './pending.js'
import { missing, openDriver, Other, unique, url } from './rabbitmq.js'

if (url === undefined) it.skip(missing)

describe.runIf(url)('publishing into RabbitMQ', () => {
  let other: Other
  beforeAll(async () => (other = await Other.connect()))
  afterAll(() => other[Symbol.asyncDispose]())

  it('has what was confirmed in the queue, with headers, key, id and properties', async () => {
    const queue = await other.queue()
    const producer = {
      headers: { site: 'north', 'frontier-topic': 'overridden' },
      contentType: 'text/plain',
      contentEncoding: 'identity',
      priority: 3,
      replyTo: 'answers',
      expiration: 60_000,
      type: 'reading',
      userId: 'guest',
      appId: 'plant',
    }
    const session = await openDriver({ producer })
    const meta = Uint8Array.of(0, 255, 10, 13)
    const { message, outcome } = tracked(queue, 'hello', { key: '42', headers: { 'frontier-edge-id': '42', 'frontier-topic': 'a.b', 'frontier-meta': meta } })
    session.send([message])
    expect(await outcome).toEqual({ how: 'done' })
    const [got] = await other.read(queue)
    expect(got!.content.toString()).toBe('hello')
    expect(got!.properties).toMatchObject({
      contentType: 'text/plain',
      contentEncoding: 'identity',
      deliveryMode: 2,
      priority: 3,
      replyTo: 'answers',
      expiration: '60000',
      type: 'reading',
      userId: 'guest',
      appId: 'plant',
      messageId: message.id,
    })
    expect(Math.abs((got!.properties.timestamp as number) - Date.now() / 1000)).toBeLessThan(60)
    expect(got!.properties.headers).toMatchObject({ site: 'north', 'frontier-edge-id': '42', 'frontier-topic': 'a.b', 'frontier-key': '42' })
    expect(Buffer.from(meta).equals(got!.properties.headers!['frontier-meta'] as Buffer)).toBe(true)
    await session.close(1000)
  })

  it('keeps the order of 5,000, empty and large ones among them', async () => {
    const queue = await other.queue()
    const session = await openDriver({})
    const all = Array.from({ length: 5000 }, (_, index) => tracked(queue, index % 100 === 7 ? new Uint8Array(40_000).fill(index & 255) : index % 100 === 8 ? '' : `${index}`))
    for (let at = 0; at < all.length; at += 256) session.send(all.slice(at, at + 256).map(({ message }) => message))
    expect(new Set((await Promise.all(all.map(({ outcome }) => outcome))).map(({ how }) => how))).toEqual(new Set(['done']))
    const got = await other.read(queue)
    expect(got.map(({ properties }) => properties.messageId as string)).toEqual(all.map(({ message }) => message.id))
    expect(got.every(({ content }, index) => Buffer.from(all[index]!.message.data).equals(content))).toBe(true)
    expect(all.every(({ settled }) => settled() === 1)).toBe(true)
    await session.close(1000)
  })

  it('refuses what no queue takes, and only that; unless told otherwise', async () => {
    const queue = await other.queue()
    for (const mandatory of [true, false]) {
      const session = await openDriver({ producer: { mandatory } })
      const [good, bad, alsoGood] = [tracked(queue), tracked(unique('nobody')), tracked(queue)]
      session.send([good.message, bad.message, alsoGood.message])
      expect((await good.outcome).how).toBe('done')
      expect((await alsoGood.outcome).how).toBe('done')
      expect(await bad.outcome).toMatchObject(mandatory ? { how: 'refused', error: { code: 'RECORD_NOT_FOUND', retryable: false } } : { how: 'done' })
      await session.close(1000)
    }
  })

  it('declares exchanges, queues and bindings, and publishes through them', async () => {
    const [exchange, queue] = [unique('exchange'), unique('queue')]
    other.alsoExchange(exchange)
    other.alsoQueue(queue)
    const options = {
      exchanges: [{ name: exchange, kind: 'topic', durable: true }],
      queues: [{ name: queue, durable: true, nowait: true }],
      queueBindings: [{ queueName: queue, exchangeName: exchange, bindingKey: 'sensors.#' }],
      producer: { exchange },
    }
    for (let round = 0; round < 2; round++) {
      const session = await openDriver(options) // the second time they are there
      const [bound, unbound] = [tracked('sensors.1.temp'), tracked('other')]
      session.send([bound.message, unbound.message])
      expect((await bound.outcome).how).toBe('done')
      expect(await unbound.outcome).toMatchObject({ error: { code: 'RECORD_NOT_FOUND' } })
      await session.close(1000)
    }
    expect((await other.read(queue)).map(({ fields }) => fields.routingKey)).toEqual(['sensors.1.temp', 'sensors.1.temp'])
  })

  it('refuses messages for an exchange that is not there, with no channel lost, until it is', async () => {
    const exchange = unique('exchange')
    const session = await openDriver({ producer: { exchange, mandatory: false } })
    const early = Array.from({ length: 3 }, () => tracked('a'))
    session.send(early.map(({ message }) => message))
    for (const { outcome } of early) expect(await outcome).toMatchObject({ how: 'refused', error: { code: 'RECORD_NOT_FOUND', delivered: 'no' } })
    other.alsoExchange(exchange)
    await other.channel.assertExchange(exchange, 'fanout', { durable: false })
    await until(async () => {
      const again = tracked('a')
      session.send([again.message])
      return (await again.outcome).how === 'done'
    }, 'the exchange is seen')
    await session.close(1000)
  })

  it('lives through an exchange that is deleted under it', async () => {
    const exchange = await other.exchange('fanout')
    const events: string[] = []
    const session = await openDriver({ producer: { exchange, mandatory: false } }, { onLost: () => events.push('lost'), onTrouble: () => undefined, onRecovered: () => undefined })
    const first = tracked('a')
    session.send([first.message])
    expect((await first.outcome).how).toBe('done')
    await other.channel.deleteExchange(exchange)
    const during = Array.from({ length: 10 }, () => tracked('a'))
    session.send(during.map(({ message }) => message))
    for (const { outcome } of during) expect(await outcome).toMatchObject({ how: 'refused', error: { code: 'RECORD_NOT_FOUND' } })
    await other.channel.assertExchange(exchange, 'fanout', { durable: false })
    await until(async () => {
      const again = tracked('a')
      session.send([again.message])
      return (await again.outcome).how === 'done'
    }, 'the exchange is back')
    expect(events).toEqual([])
    await session.close(1000)
  })

  it('refuses messages for an internal exchange with PERMISSION_DENIED', async () => {
    const exchange = await other.exchange('topic', { internal: true })
    const session = await openDriver({ producer: { exchange } })
    for (let round = 0; round < 2; round++) {
      const { message, outcome } = tracked('a')
      session.send([message])
      expect(await outcome).toMatchObject({ how: 'refused', error: { code: 'PERMISSION_DENIED' } })
    }
    await session.close(1000)
  })

  it('refuses what the broker nacks with BUFFER_FULL', async () => {
    const queue = await other.queue({ maxLength: 1, overflow: 'reject-publish' })
    const session = await openDriver({})
    const all = Array.from({ length: 20 }, () => tracked(queue))
    session.send(all.map(({ message }) => message))
    const outcomes = await Promise.all(all.map(({ outcome }) => outcome))
    expect(outcomes.some(({ how }) => how === 'done')).toBe(true)
    expect(outcomes.find(({ how }) => how === 'refused')).toMatchObject({ error: { code: 'BUFFER_FULL', retryable: true } })
    await session.close(1000)
  })

  it('sends what is on its way before it closes, and is gone then', async () => {
    const queue = await other.queue()
    const session = await openDriver({})
    const all = Array.from({ length: 2000 }, (_, index) => tracked(queue, `${index}`))
    session.send(all.map(({ message }) => message))
    await session.close(5000)
    expect(all.every(({ settled }) => settled() === 1)).toBe(true)
    expect(await other.read(queue)).toHaveLength(2000)
    const late = tracked(queue)
    session.send([late.message])
    expect((await late.outcome).how).toBe('lost')
  })

  it('checks names and sizes before they touch the wire', () => {
    const driver = amqpDriver({ addresses: ['localhost'], maxMessageBytes: 1000 })
    const check = (target: string, more: object = {}) => driver.check({ target, key: '1', partition: undefined, headers: {}, data: new Uint8Array(10), id: 'i', ...more })?.code
    expect(check('a.b\n#*/ü')).toBeUndefined()
    expect(check('x'.repeat(255))).toBeUndefined()
    expect(check('ü'.repeat(128))).toBe('INVALID_ARGUMENT')
    expect(check('amq.rabbitmq.reply-to.abc')).toBe('INVALID_ARGUMENT')
    expect(check('a', { data: new Uint8Array(1001) })).toBe('PAYLOAD_TOO_LARGE')
    expect(check('a', { headers: { 'frontier-meta': new Uint8Array(66_000) } })).toBe('PAYLOAD_TOO_LARGE')
  })

  it('takes headers up to the size that it allows', async () => {
    const queue = await other.queue()
    for (const frameMaxBytes of [8192, 131_072]) {
      const options = { addresses: ['localhost'], frameMaxBytes }
      let bytes = 65_536
      const message = () => tracked(queue, 'x', { headers: { 'frontier-meta': new Uint8Array(bytes), 'frontier-topic': 'ü'.repeat(100) } })
      while (amqpDriver(options).check(message().message) !== undefined) bytes--
      expect(bytes).toBeGreaterThan(4000)
      const session = await openDriver({ frameMaxBytes })
      const { message: largest, outcome } = message()
      session.send([largest])
      expect((await outcome).how).toBe('done')
      await session.close(1000)
    }
  })
})
