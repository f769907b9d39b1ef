/** Where edges publish to in the case `bridges`. */
export const brokerKinds = ['kafka', 'jetstream', 'nsq', 'redis', 'rabbitmq'] as const

/** One of them. */
export type BrokerKind = (typeof brokerKinds)[number]

/** The topic, subject, stream or queue is called as the edges' topic. */
export { ECHO as TOPIC } from '../load.js'

/** Streams and queues without a reader keep so many messages, where the broker can be told to. */
export const KEPT_MESSAGES = 100_000
