import { createBrokerBridge, MemoryBroker, memoryBridge, memoryDriver, type BrokerBridge } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { BridgeSubject, BrokerUnderTest } from './bridge-subject.js'
import { describeBridge } from './describe-bridge.js'

const MAX_BYTES = 100_000

/** A broker in memory that can hang: then it takes what it is sent, and does not answer. */
function start(): Promise<BrokerUnderTest> {
  const broker = new MemoryBroker({ maxMessageBytes: MAX_BYTES })
  const driver = memoryDriver(broker)
  const stranger = { ...driver, open: () => Promise.reject(new FrontierError('UNAUTHENTICATED', 'wrong password')) }
  return Promise.resolve({
    process: {
      kill: async () => {
        broker.goDown()
      },
      restart: async () => {
        broker.comeBack()
      },
      pause: async () => {
        broker.goDown()
      },
      resume: async () => {
        broker.comeBack()
      },
      stop: () => Promise.resolve(),
    },
    bridge: (options) => memoryBridge(broker, options),
    strangerBridge: (options): BrokerBridge => createBrokerBridge(stranger, options),
    reader: (target) =>
      Promise.resolve({
        get messages() {
          return broker.messages
            .filter((message) => message.target === target)
            .map(({ data, key, headers }) => ({ data: text(data), key, headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, text(value)])) }))
        },
        settle: () => Promise.resolve(),
      }),
    feed: (target, { data, key = '', headers = {} }) => {
      broker.take({ target, key, partition: undefined, headers, data: new TextEncoder().encode(data), id: String(Math.random()) })
      return Promise.resolve()
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  })
}

function text(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : new TextDecoder().decode(value)
}

const subject: BridgeSubject = {
  name: 'a broker in memory',
  missing: undefined,
  start,
  guarantee: 'once',
  asksForPassword: true,
  canBeConsumed: true,
  hasHeaders: true,
  hasKey: true,
  tooLargeBytes: MAX_BYTES + 1,
  badTopic: 'x'.repeat(256),
  target: (word) => word,
}

describeBridge(subject)
