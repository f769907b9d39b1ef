import { natsBridge } from '@frontier/mq-nats'
import { connect, headers as natsHeaders, type MsgHdrs } from 'nats'
import { missing, startBroker } from '../brokers/brokers.mjs'
import type { BrokerUnderTest, ReadMessage } from './bridge-subject.js'
import { describeBridge } from './describe-bridge.js'

const STREAM = 'edges'
const SUBJECTS = ['js.>']

async function start(isStream: boolean): Promise<BrokerUnderTest> {
  const [broker, closed] = await Promise.all([startBroker('nats'), startBroker('nats-user')])
  const addresses = [broker.address]
  const client = await connect({ servers: broker.address, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  const manager = await client.jetstreamManager()
  if (isStream) await manager.streams.add({ name: STREAM, subjects: SUBJECTS })
  // Right after a restart our client may not be connected again.
  const connected = (): Promise<void> => client.flush().catch(connected)
  const mode = isStream ? { jetStream: { name: STREAM, subjects: SUBJECTS } } : {}
  return {
    process: broker,
    bridge: (options) => natsBridge({ addresses, ...mode, ...options }),
    strangerBridge: (options) => natsBridge({ addresses: [closed.address], user: 'frontier', password: 'wrong', ...options }),
    async reader(subject) {
      const messages: ReadMessage[] = []
      if (!isStream) {
        client.subscribe(subject, { callback: (_, message) => messages.push(read(message)) })
        await connected()
        return { messages, settle: () => Promise.resolve() }
      }
      await connected()
      // By sequence: what is delivered twice is not there twice.
      const bySequence = new Map<number, ReadMessage>()
      const consumer = await client.jetstream().consumers.get(STREAM, { filterSubjects: [subject] })
      const reading = await consumer.consume({ callback: (message) => bySequence.set(message.seq, read(message)) })
      reading.closed().catch(() => undefined)
      return {
        get messages() {
          return [...bySequence.values()]
        },
        async settle() {
          const info = (): ReturnType<typeof manager.streams.info> => manager.streams.info(STREAM, { subjects_filter: subject }).catch(info)
          const stored = async (): Promise<number> => (await info()).state.subjects?.[subject] ?? 0
          while (bySequence.size < (await stored())) await new Promise((resolve) => setTimeout(resolve, 10))
        },
      }
    },
    async feed(subject, { data, headers = {} }) {
      const own = natsHeaders()
      for (const [name, value] of Object.entries(headers)) own.set(name, value)
      if (isStream) await client.jetstream().publish(subject, data, { headers: own })
      else client.publish(subject, data, { headers: own })
    },
    async [Symbol.asyncDispose]() {
      await client.close()
      await closed.stop()
    },
  }
}

function read({ data, headers }: { data: Uint8Array; headers?: MsgHdrs | undefined }): ReadMessage {
  const found = Object.fromEntries([...(headers ?? [])].map(([name, values]) => [name.toLowerCase(), values[0] ?? '']))
  return { data: new TextDecoder().decode(data), headers: found }
}

const common = { missing: missing('nats'), asksForPassword: true, canBeConsumed: true, hasHeaders: true, hasKey: false, tooLargeBytes: 2_000_000, badTopic: 'no spaces, please' }

describeBridge({
  ...common,
  name: 'JetStream',
  start: () => start(true),
  guarantee: 'once',
  missingTopic: 'of.no.stream',
  target: (word) => `js.${word}`,
})

describeBridge({ ...common, name: 'core NATS', start: () => start(false), guarantee: 'none', target: (word) => `core.${word}` })
