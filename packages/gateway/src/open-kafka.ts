import { readDialTls, type KafkaConfig } from '@frontier/config'
import type { Bridge } from '@frontier/exchange'
import type { BridgeLogger } from '@frontier/mq'
import { aboveZero, brokerOptions, milliseconds } from './bridge-options.js'
import { pemOf } from './bridge-tls.js'

/** The bridge into Kafka. @throws what importing its package throws; INVALID_ARGUMENT */
export async function openKafka(config: KafkaConfig, logger: BridgeLogger): Promise<Bridge> {
  const { kafkaBridge } = await import('@frontier/mq-kafka')
  const { addrs, client_id: clientId, sasl, producer } = config
  const { mechanism, username, password } = sasl
  const { flush, retry } = producer
  return kafkaBridge({
    ...brokerOptions(config, producer.topics, logger),
    addresses: addrs,
    clientId,
    tls: pemOf(await readDialTls(config.tls)),
    sasl: mechanism === '' ? undefined : { mechanism, username, password },
    requiredAcks: producer.required_acks === 1 ? 'leader' : 'all',
    idempotent: producer.idempotent,
    maxMessageBytes: aboveZero(producer.max_message_bytes),
    timeoutMs: milliseconds(producer.timeout),
    compression: producer.compression,
    compressionLevel: producer.compression_level,
    flush: { bytes: aboveZero(flush.bytes), messages: aboveZero(flush.messages), frequencyMs: milliseconds(flush.frequency), maxMessages: producer.async ? aboveZero(flush.max_messages) : 1 },
    retry: { max: aboveZero(retry.max), backoffMs: milliseconds(retry.backoff) },
  })
}
