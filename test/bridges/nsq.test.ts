import { nsqBridge } from '@frontier/mq-nsq'
import { Reader } from 'nsqjs'
import { missing, startBroker } from '../brokers/brokers.mjs'
import type { BrokerUnderTest, ReadMessage } from './bridge-subject.js'
import { describeBridge } from './describe-bridge.js'

const CHANNEL = 'test'

interface Stats {
  readonly topics: readonly { readonly depth: number; readonly channels: readonly { readonly depth: number; readonly in_flight_count: number }[] }[]
}

async function start(): Promise<BrokerUnderTest> {
  const broker = await startBroker('nsq')
  const https = broker.env['NSQD_HTTP']!.split(',')
  const readers: Reader[] = []
  const post = async (path: string, body?: string): Promise<void> => {
    for (const host of body === undefined ? https : https.slice(0, 1)) await (await fetch(`http://${host}${path}`, { method: 'POST', ...(body !== undefined && { body }) })).text()
  }
  return {
    // nsqd keeps what it acknowledged in memory: a SIGKILL loses that, whoever published it.
    process: {
      kill: () => broker.terminate(),
      pause: () => broker.pause(),
      resume: () => broker.resume(),
      restart: () => broker.restart(),
      stop: () => broker.stop(),
    },
    bridge: (options) => nsqBridge({ addresses: broker.addresses, envelope: 'json', ...options }),
    async reader(topic) {
      const messages: ReadMessage[] = []
      await post(`/topic/create?topic=${topic}`)
      if (topic.endsWith('source')) return { messages, settle: () => Promise.resolve() }
      await post(`/channel/create?topic=${topic}&channel=${CHANNEL}`)
      const reader = new Reader(topic, CHANNEL, { nsqdTCPAddresses: [...broker.addresses], maxInFlight: 1000, lookupdPollInterval: 1, lookupdPollJitter: 0.1 })
      reader.on('error', () => undefined)
      reader.on('message', (message) => {
        const { body, key, headers } = JSON.parse(message.body.toString()) as { body: string; key: string; headers: Record<string, string> }
        messages.push({ data: body, key, headers })
        message.finish()
      })
      reader.connect()
      readers.push(reader)
      const isThrough = async (host: string): Promise<boolean> => {
        const { topics } = (await (await fetch(`http://${host}/stats?format=json&topic=${topic}`)).json()) as Stats
        return topics.every((each) => each.depth === 0 && each.channels.every((channel) => channel.depth + channel.in_flight_count === 0))
      }
      return {
        messages,
        async settle() {
          while (!(await Promise.all(https.map(isThrough))).every(Boolean)) await new Promise((resolve) => setTimeout(resolve, 20))
        },
      }
    },
    feed: (topic, { data, key = '', headers = {} }) => post(`/pub?topic=${topic}`, JSON.stringify({ id: '', key, headers, encoding: 'utf8', body: data })),
    [Symbol.asyncDispose]() {
      for (const reader of readers) reader.close()
      return Promise.resolve()
    },
  }
}

describeBridge({
  name: 'NSQ',
  missing: missing('nsq'),
  start,
  guarantee: 'at-least-once',
  asksForPassword: false,
  canBeConsumed: true,
  hasHeaders: true,
  hasKey: true,
  tooLargeBytes: 1_048_577,
  badTopic: 'two\nlines',
  target: (word) => word,
})
