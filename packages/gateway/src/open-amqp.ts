import { readDialTls, type AmqpConfig } from '@frontier/config'
import type { Bridge } from '@frontier/exchange'
import type { BridgeLogger } from '@frontier/mq'
import { aboveZero, brokerOptions, nonEmpty } from './bridge-options.js'
import { pemOf } from './bridge-tls.js'

/** The bridge into RabbitMQ. @throws what importing its package throws; INVALID_ARGUMENT */
export async function openAmqp(config: AmqpConfig, logger: BridgeLogger): Promise<Bridge> {
  const { amqpBridge } = await import('@frontier/mq-amqp')
  const { producer } = config
  return amqpBridge({
    ...brokerOptions(config, producer.routing_keys, logger),
    addresses: config.addrs,
    vhost: config.vhost,
    channelMax: aboveZero(config.channel_max),
    frameMaxBytes: aboveZero(config.frame_size),
    heartbeatSeconds: aboveZero(config.heartbeat),
    locale: config.locale,
    tls: pemOf(await readDialTls(config.tls)),
    exchanges: config.exchanges.map(({ auto_delete: autoDelete, ...exchange }) => ({ ...exchange, autoDelete })),
    queues: config.queues.map(({ auto_delete: autoDelete, ...queue }) => ({ ...queue, autoDelete })),
    queueBindings: config.queueBindings.map(({ queue_name: queueName, exchange_name: exchangeName, binding_key: bindingKey, nowait }) => ({ queueName, exchangeName, bindingKey, nowait })),
    producer: {
      exchange: producer.exchange,
      mandatory: producer.mandatory,
      immediate: producer.immediate,
      headers: producer.headers,
      contentType: nonEmpty(producer.content_type),
      contentEncoding: nonEmpty(producer.content_encoding),
      deliveryMode: producer.delivery_mode,
      priority: aboveZero(producer.priority),
      replyTo: nonEmpty(producer.reply_to),
      expiration: nonEmpty(producer.expiration),
      type: nonEmpty(producer.type),
      userId: nonEmpty(producer.user_id),
      appId: nonEmpty(producer.app_id),
    },
  })
}
