import { randomUUID } from 'node:crypto'
import { kafkaBridge } from '@frontier/mq-kafka'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { onTestFinished } from 'vitest'
import { missing, startBroker } from '../brokers/brokers.mjs'
import type { BrokerUnderTest, ReadMessage } from './bridge-subject.js'
import { describeBridge } from './describe-bridge.js'
import { textOf } from './text-of.js'

const PARTITIONS = 3

async function start(): Promise<BrokerUnderTest> {
  const broker = await startBroker('kafka')
  const addresses = [broker.address]
  const kafka = new Kafka({ brokers: addresses, logLevel: logLevel.NOTHING, retry: { retries: 100, maxRetryTime: 500 } })
  const admin = kafka.admin()
  await admin.connect()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const closers = [() => producer.disconnect(), () => admin.disconnect()]
  return {
    process: broker,
    bridge: (options) => kafkaBridge({ addresses, ...options }),
    strangerBridge: (options) => kafkaBridge({ addresses: [broker.env['KAFKA_SASL_BROKERS']!], sasl: { mechanism: 'plain', username: 'frontier', password: 'wrong' }, ...options }),
    async reader(topic) {
      await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true })
      const consumer = kafka.consumer({ groupId: randomUUID(), sessionTimeout: 6000, maxWaitTimeInMs: 200, retry: { retries: 100, maxRetryTime: 500 } })
      const messages: ReadMessage[] = []
      // Each offset is a message; one that is read twice is not there twice.
      const seen = new Set<string>()
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await consumer.run({
        eachMessage({ partition, message }) {
          const place = `${partition} ${message.offset}`
          if (!seen.has(place)) {
            const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, textOf(value)]))
            messages.push({ data: textOf(message.value), key: textOf(message.key), headers })
          }
          seen.add(place)
          return Promise.resolve()
        },
      })
      // Its sockets come and go for as long as it reads, and others count them.
      onTestFinished(() => consumer.disconnect())
      return {
        messages,
        async settle() {
          const offsets = await admin.fetchTopicOffsets(topic)
          const total = offsets.reduce((sum, { high }) => sum + Number(high), 0)
          while (seen.size < total) await new Promise((resolve) => setTimeout(resolve, 10))
        },
      }
    },
    async feed(topic, { data, key = '', headers = {} }) {
      await producer.send({ topic, messages: [{ key, value: data, headers }] })
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(closers.map((close) => close()))
    },
  }
}

describeBridge({
  name: 'Kafka',
  missing: missing('kafka'),
  start,
  guarantee: 'once',
  asksForPassword: true,
  canBeConsumed: true,
  hasHeaders: true,
  hasKey: true,
  tooLargeBytes: 1_200_000,
  badTopic: 'no spaces, please',
  missingTopic: 'nobody.made.this',
  target: (word) => word,
})
