import { FrontierError } from '@frontier/wire'

import { type AmqpAddress, parseAddress } from './amqp-address.js'
import type { AmqpBridgeOptions, AmqpExchange, AmqpHeaderValue, AmqpProducer, AmqpQueue, AmqpQueueBinding, AmqpTls } from './amqp-options.js'

/** Options with their defaults, checked. */
export interface AmqpSettings {
  readonly addresses: readonly AmqpAddress[]
  readonly connectTimeoutMs: number
  readonly vhost: string
  readonly channelMax: number
  readonly frameMaxBytes: number
  readonly heartbeatSeconds: number
  readonly locale: string
  readonly tls: AmqpTls
  readonly exchanges: readonly AmqpExchange[]
  readonly queues: readonly AmqpQueue[]
  readonly queueBindings: readonly AmqpQueueBinding[]
  readonly exchange: string
  readonly isMandatory: boolean
  /** Properties that every message has, in amqplib's words. */
  readonly properties: AmqpProperties
  readonly headers: Readonly<Record<string, AmqpHeaderValue>>
  readonly maxMessageBytes: number
}

/** What amqplib takes with each message, as far as it is the same for all. */
export interface AmqpProperties {
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly deliveryMode: 1 | 2
  readonly priority?: number
  readonly replyTo?: string
  readonly expiration?: string
  readonly type?: string
  readonly userId?: string
  readonly appId?: string
}

/** Checks options and fills in defaults. @throws INVALID_ARGUMENT */
export function resolveOptions(options: AmqpBridgeOptions): AmqpSettings {
  const { addresses, tls = {}, producer = {}, exchanges = [], queues = [], queueBindings = [] } = options
  if (!Array.isArray(addresses) || addresses.length === 0) throw invalid('addresses: empty address')
  if ((tls.cert === undefined) !== (tls.key === undefined)) throw invalid('tls: cert and key come together')
  for (const { name, kind } of exchanges) {
    shortText('exchanges: name', name, 1)
    shortText('exchanges: kind', kind, 1)
  }
  for (const { name } of queues) shortText('queues: name', name, 0)
  for (const { queueName, exchangeName, bindingKey } of queueBindings) {
    shortText('queueBindings: queueName', queueName, 0)
    shortText('queueBindings: exchangeName', exchangeName, 1)
    shortText('queueBindings: bindingKey', bindingKey, 0)
  }
  const isAllTls = options.tls !== undefined
  return {
    addresses: (addresses as readonly string[]).map((addr) => {
      const address = parseAddress(addr)
      return isAllTls && !address.isTls ? { ...address, isTls: true } : address
    }),
    connectTimeoutMs: whole('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, 1, 2 ** 31 - 1),
    vhost: shortText('vhost', options.vhost ?? '/', 1),
    // One to publish, one to look for an exchange, one for each queue that is consumed.
    channelMax: options.channelMax === undefined ? 0 : whole('channelMax', options.channelMax, 2 + (options.consume?.length ?? 0), 65_535),
    frameMaxBytes: whole('frameMaxBytes', options.frameMaxBytes ?? 131_072, 8192, 2 ** 31 - 1),
    heartbeatSeconds: whole('heartbeatSeconds', options.heartbeatSeconds ?? 10, 1, 65_535),
    locale: shortText('locale', options.locale ?? 'en_US', 1),
    tls,
    exchanges,
    queues,
    queueBindings,
    exchange: shortText('producer.exchange', producer.exchange ?? '', 0),
    isMandatory: producer.mandatory ?? true,
    properties: properties(producer),
    headers: producer.headers ?? {},
    maxMessageBytes: whole('maxMessageBytes', options.maxMessageBytes ?? 16 * 1024 * 1024, 1, 536_870_912),
  }
}

function properties(producer: AmqpProducer): AmqpProperties {
  if (producer.immediate === true) throw invalid('producer.immediate: RabbitMQ has no immediate since its version 3.0, and closes the connection over it')
  // The reply would need a consumer without acknowledgements on the very channel that publishes.
  if (producer.replyTo?.startsWith('amq.rabbitmq.reply-to') === true) throw invalid('producer.replyTo: nobody waits for direct replies here')
  const { deliveryMode = 2, priority, expiration } = producer
  if ((deliveryMode as number) !== 1 && (deliveryMode as number) !== 2) throw invalid('producer.deliveryMode: 1 or 2')
  if (priority !== undefined) whole('producer.priority', priority, 0, 255)
  if (expiration !== undefined && !/^\d{1,10}$/.test(String(expiration))) throw invalid('producer.expiration: milliseconds, as a whole number')
  for (const name of Object.keys(producer.headers ?? {})) shortText('producer.headers: a name', name, 1)
  const text = (name: 'contentType' | 'contentEncoding' | 'replyTo' | 'type' | 'userId' | 'appId') =>
    producer[name] === undefined ? {} : { [name]: shortText(`producer.${name}`, producer[name], 0) }
  return {
    ...text('contentType'),
    ...text('contentEncoding'),
    ...text('replyTo'),
    ...text('type'),
    ...text('userId'),
    ...text('appId'),
    ...(priority === undefined ? {} : { priority }),
    ...(expiration === undefined ? {} : { expiration: String(expiration) }),
    deliveryMode,
  }
}

function invalid(message: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', message)
}

function whole(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) throw invalid(`${name}: a whole number from ${min} to ${max}`)
  return value
}

// AMQP's short strings count their bytes in one byte.
function shortText(name: string, value: string, minBytes: number): string {
  if (typeof value !== 'string' || value.length < minBytes || Buffer.byteLength(value) > 255) {
    throw invalid(`${name}: ${minBytes === 0 ? 'at most' : 'from 1 to'} 255 bytes of text`)
  }
  return value
}
