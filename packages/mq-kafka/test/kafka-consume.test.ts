import type { BrokerSession, IncomingMessage } from '@frontier/mq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { isMissing, openDriver, Other, plain, resources } from './kafka.js'
import { unique, until } from './pending.js'

const textOf = ({ data }: IncomingMessage): string => new TextDecoder().decode(data)

describe.skipIf(plain === '')(`consuming from Kafka ${plain === '' ? isMissing('KAFKA_BROKERS') : ''}`, () => {
  const other = new Other()
  const producer = other.kafka.producer({ createPartitioner: () => ({ message }) => message.partition ?? 0 })
  beforeAll(() => producer.connect())
  afterAll(async () => {
    await producer.disconnect()
    await other[Symbol.asyncDispose]()
  })

  const feed = (topic: string, values: readonly string[]) => producer.send({ topic, messages: values.map((value) => ({ key: 'k', value, headers: { 'Frontier-Edge-Id': '7' } })) })
  async function consume(session: BrokerSession, from: string, group: string, onMessage: (message: IncomingMessage) => void): Promise<void> {
    await session.consume!({ from, group, maxUnsettled: 100, onMessage })
  }
  async function committed(groupId: string, topic: string): Promise<string | undefined> {
    const [offsets] = await other.admin.fetchOffsets({ groupId, topics: [topic] })
    return offsets?.partitions[0]?.offset
  }

  it('hands out what was there and what comes, with key and headers, and commits what is settled', async () => {
    const [topic, group] = [await other.topic(), unique('group')]
    await feed(topic, ['a', 'b'])
    const session = await openDriver()
    const seen: IncomingMessage[] = []
    await consume(session, topic, group, (message) => {
      seen.push(message)
      message.ack()
    })
    await feed(topic, ['c'])
    await until(() => seen.length === 3, 'three messages')
    expect(seen.map(textOf)).toEqual(['a', 'b', 'c'])
    expect(seen[0]).toMatchObject({ source: topic, key: 'k' })
    expect(String(seen[0]!.headers['frontier-edge-id'])).toBe('7')
    await until(async () => (await committed(group, topic)) === '3', 'all are committed')
    await session.close(5_000)
  })

  it('hands out again what is to be tried again, and commits nothing behind it', async () => {
    const [topic, group] = [await other.topic(), unique('group')]
    await feed(topic, ['a', 'b', 'c'])
    const session = await openDriver()
    const seen: string[] = []
    await consume(session, topic, group, (message) => {
      seen.push(textOf(message))
      if (textOf(message) === 'b' && seen.filter((text) => text === 'b').length < 3) message.retry()
      else message.ack()
    })
    await until(() => seen.filter((text) => text === 'b').length === 3, 'the third try')
    expect(seen.filter((text) => text !== 'b')).toEqual(['a', 'c'])
    await until(async () => (await committed(group, topic)) === '3', 'all are committed')
    await session.close(5_000)
  })

  it('leaves to the next member what was not settled', async () => {
    const [topic, group] = [await other.topic(), unique('group')]
    await feed(topic, ['a', 'b', 'c'])
    const first = await openDriver()
    const held: IncomingMessage[] = []
    await consume(first, topic, group, (message) => {
      if (textOf(message) === 'a') message.ack()
      else held.push(message)
    })
    await until(() => held.length === 2, 'two are held')
    const closing = first.close(300)
    held[1]!.ack()
    held[0]!.retry()
    await closing
    const second = await openDriver()
    const seen: string[] = []
    await consume(second, topic, group, (message) => {
      seen.push(textOf(message))
      message.ack()
    })
    await until(() => seen.length === 2, 'they come again')
    expect(seen).toEqual(['b', 'c'])
    await second.close(5_000)
  })

  it('hands out no more than may be unsettled', async () => {
    const topic = await other.topic({ numPartitions: 2 })
    await producer.send({ topic, messages: Array.from({ length: 40 }, (_, i) => ({ value: String(i), partition: i % 2 })) })
    const session = await openDriver()
    const held: IncomingMessage[] = []
    let most = 0
    // A set: kafkajs sends both partitions again when a new one is not ready, and may so store one twice.
    const settled = new Set<string>()
    const onMessage = (message: IncomingMessage): void => {
      held.push(message)
      most = Math.max(most, held.length)
      setImmediate(() => {
        const first = held.shift()!
        settled.add(textOf(first))
        first.ack()
      })
    }
    await session.consume!({ from: topic, group: unique('group'), maxUnsettled: 5, onMessage })
    await until(() => settled.size === 40, 'all are settled')
    expect(most).toBeLessThanOrEqual(5)
    await session.close(5_000)
  })

  it('shares the partitions with other members', async () => {
    const [topic, group] = [await other.topic({ numPartitions: 4 }), unique('group')]
    const sessions = [await openDriver(), await openDriver()]
    const seen: string[][] = [[], []]
    for (const [index, session] of sessions.entries()) {
      await consume(session, topic, group, (message) => {
        seen[index]!.push(textOf(message))
        message.ack()
      })
    }
    let round = 0
    await until(async () => {
      await producer.send({ topic, messages: [0, 1, 2, 3].map((partition) => ({ value: `${round}-${partition}`, partition })) })
      round++
      return seen.every((texts) => texts.length > 0)
    }, 'both have some')
    await Promise.all(sessions.map((session) => session.close(5_000)))
  })

  it('is refused for a topic that there is not, until there is', async () => {
    const session = await openDriver()
    const missing = unique('missing')
    const seen: string[] = []
    const consumeIt = () =>
      consume(session, missing, unique('group'), (message) => {
        seen.push(textOf(message))
        message.ack()
      })
    await expect(consumeIt()).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
    await other.admin.createTopics({ topics: [{ topic: missing, numPartitions: 1 }] })
    other.also(missing)
    await feed(missing, ['a'])
    await consumeIt()
    await until(() => seen.includes('a'), 'it is consumed')
    await session.close(1_000)
  })

  it('leaves nothing behind', async () => {
    const topic = await other.topic()
    const use = async (timeoutMs: number): Promise<void> => {
      const session = await openDriver()
      await consume(session, topic, unique('group'), (message) => message.ack())
      await session.close(timeoutMs)
    }
    const before = resources()
    await use(5_000)
    await use(0)
    await until(() => resources() <= before, 'nothing is left')
  })
})
