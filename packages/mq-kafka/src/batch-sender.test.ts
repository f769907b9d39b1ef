import type { PendingMessage } from '@frontier/mq'
import type { Admin, Kafka, ProducerBatch } from 'kafkajs'
import { describe, expect, it } from 'vitest'

import { BatchSender } from './batch-sender.js'
import { kafkaSettings } from './kafka-settings.js'
import { laneBatch, PartitionLane, type LaneHost } from './partition-lane.js'
import { SessionHealth } from './session-health.js'
import { Sleeper } from './sleeper.js'
import { TopicTable } from './topic-table.js'

/** 'stored', 'nowhere', or the type of an error. */
type Answer = string

/** kafkajs, answering as it is told to, and what it was asked. */
class FakeKafka {
  producers = 0
  readonly sent: { producer: number; values: string[] }[] = []
  readonly #answers: Answer[]

  constructor(answers: Answer[]) {
    this.#answers = answers
  }

  producer() {
    const producer = ++this.producers
    const sendBatch = async ({ topicMessages }: ProducerBatch) => {
      const [{ topic, messages }] = topicMessages as [{ topic: string; messages: { value: Buffer; partition: number }[] }]
      this.sent.push({ producer, values: messages.map(({ value }) => String(value)) })
      const answer = this.#answers.shift() ?? 'stored'
      if (answer === 'nowhere') return []
      if (answer !== 'stored') throw Object.assign(new Error(answer), { type: answer })
      return [{ topicName: topic, partition: messages[0]!.partition, errorCode: 0 }]
    }
    return { connect: async () => undefined, disconnect: async () => undefined, sendBatch }
  }
}

function setUp(answers: Answer[], retry: { max?: number } = {}) {
  const fake = new FakeKafka(answers)
  const settings = kafkaSettings({ addresses: ['a'], retry: { backoffMs: 1, ...retry } })
  const sleeper = new Sleeper()
  const told: string[] = []
  const health = new SessionHealth({ onLost: () => told.push('lost'), onTrouble: () => told.push('trouble'), onRecovered: () => told.push('recovered') }).part()
  const table = new TopicTable({} as Admin, false, sleeper)
  const sender = new BatchSender({ kafka: fake as unknown as Kafka, settings, compression: 0, table, health, sleeper })
  const outcomes: string[] = []
  const host: LaneHost = { maxMessages: 10, maxBytes: 1e6, isOver: false, sendBatch: (lane, batch) => sender.send(lane, batch), onIdle: () => undefined }
  const lane = new PartitionLane('t', 0, host)
  const messageOf = (text: string): PendingMessage => ({
    target: 't',
    key: '',
    partition: undefined,
    headers: {},
    data: Buffer.from(text),
    id: text,
    done: () => outcomes.push(`${text} done`),
    refuse: (error) => outcomes.push(`${text} ${error.code} ${error.delivered}`),
    lost: (error) => outcomes.push(`${text} lost ${error.delivered}`),
  })
  const send = (...texts: string[]) => sender.send(lane, laneBatch(texts.map(messageOf), 0))
  return { fake, sender, told, outcomes, lane, send, messageOf }
}

describe('BatchSender', () => {
  it('sends a batch again as it was, until it is stored', async () => {
    const { fake, told, outcomes, send } = setUp(['NETWORK', 'NOT_ENOUGH_REPLICAS', 'stored'])
    expect(await send('a', 'b')).toEqual([])
    expect(fake.sent).toEqual(Array.from({ length: 3 }, () => ({ producer: 1, values: ['a', 'b'] })))
    expect(outcomes).toEqual(['a done', 'b done'])
    expect(told).toEqual(['trouble', 'recovered'])
  })

  it('gives a batch up after its tries, and goes on with a new producer', async () => {
    const { fake, outcomes, send } = setUp(['NETWORK', 'NETWORK'], { max: 1 })
    await send('a')
    await send('b')
    expect(outcomes).toEqual(['a lost maybe', 'b done'])
    expect(fake.sent.map(({ producer }) => producer)).toEqual([1, 1, 2])
  })

  it('goes on with a new producer when the numbers of the old one are of no use', async () => {
    const { fake, outcomes, send } = setUp(['OUT_OF_ORDER_SEQUENCE_NUMBER'])
    await send('a')
    await send('b')
    expect(outcomes).toEqual(['a lost maybe', 'b done'])
    expect(fake.sent.map(({ producer }) => producer)).toEqual([1, 2])
  })

  it('takes it for stored when the brokers have the numbers already, if it was sent before', async () => {
    const { outcomes, send } = setUp(['NETWORK', 'DUPLICATE_SEQUENCE_NUMBER'])
    await send('a')
    expect(outcomes).toEqual(['a done'])
    const first = setUp(['DUPLICATE_SEQUENCE_NUMBER'])
    await first.send('a')
    expect(first.outcomes).toEqual(['a lost maybe'])
  })

  it('finds the message that is too large, in order', async () => {
    const { fake, outcomes, lane, messageOf } = setUp(['MESSAGE_TOO_LARGE', 'stored', 'MESSAGE_TOO_LARGE', 'MESSAGE_TOO_LARGE', 'stored'])
    for (const text of ['a', 'b', 'X', 'd']) lane.push(messageOf(text))
    lane.run()
    await expect.poll(() => outcomes).toEqual(['a done', 'b done', 'X PAYLOAD_TOO_LARGE no', 'd done'])
    expect(fake.sent.map(({ values }) => values.join(''))).toEqual(['abXd', 'ab', 'Xd', 'X', 'd'])
  })

  it('does not take for sent what kafkajs had no partition for', async () => {
    const { fake, outcomes, send } = setUp(['nowhere'])
    const [again] = await send('a')
    expect(outcomes).toEqual([])
    expect(again!.messages).toHaveLength(1)
    await send('b')
    expect(fake.producers).toBe(2)
  })

  it('gives what is not settled when it ends', async () => {
    const { sender, send } = setUp(Array.from({ length: 50 }, () => 'NETWORK'))
    const sending = send('a', 'b')
    await expect.poll(() => sender.end().map(({ id }) => id)).toEqual(['a', 'b'])
    await sending
  })
})
