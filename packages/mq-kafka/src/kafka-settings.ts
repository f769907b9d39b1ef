import type { ConnectionOptions } from 'node:tls'

import type { BatchLimits } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'

import type { KafkaBridgeOptions, KafkaCompression, KafkaSaslOptions, KafkaTlsOptions } from './kafka-bridge-options.js'

/** {@link KafkaBridgeOptions}, checked, with every default in its place. */
export interface KafkaSettings {
  readonly addresses: readonly string[]
  readonly clientId: string
  readonly tls: ConnectionOptions | undefined
  readonly sasl: KafkaSaslOptions | undefined
  /** As in Kafka's protocol: -1 = all. */
  readonly acks: -1 | 0 | 1
  readonly idempotent: boolean
  readonly maxMessageBytes: number
  readonly timeoutMs: number
  readonly compression: KafkaCompression
  readonly compressionLevel: number | undefined
  readonly batch: BatchLimits
  /** Infinity = no end. */
  readonly maxRetries: number
  readonly retryBackoffMs: number
  readonly maxBackoffMs: number
  readonly connectTimeoutMs: number
  readonly createTopics: boolean
  readonly fromBeginning: boolean
  readonly sessionTimeoutMs: number
}

// kafkajs copies a partition's list for each message of it: 500 were as fast as 1,000 and 2,000 (66,000 messages/s into one partition; 100: 43,000). docs/performance.md
const BATCH_MESSAGES = 500
// Batches of the engine that may be under way: each has messages for many partitions, and one slow partition shall not stop the others.
const BATCHES = 8
const ACKS = { all: -1, leader: 1, none: 0 } as const
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512']
const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const LEVELS: Partial<Record<KafkaCompression, readonly [number, number]>> = { gzip: [0, 9], zstd: [1, 22] }

/** Checks `options`. @throws INVALID_ARGUMENT, with the reason, for what does not hold or what Kafka cannot do. */
export function kafkaSettings(options: KafkaBridgeOptions): KafkaSettings {
  const { requiredAcks = 'all', compression = 'none', flush = {}, retry = {} } = options
  oneOf('requiredAcks', requiredAcks, Object.keys(ACKS))
  oneOf('compression', compression, COMPRESSIONS)
  oneOf('consumeFrom', options.consumeFrom ?? 'earliest', ['earliest', 'latest'])
  const idempotent = options.idempotent ?? requiredAcks === 'all'
  if (idempotent && requiredAcks !== 'all') throw invalid(`idempotent needs requiredAcks: 'all', got '${requiredAcks}'`)
  if (idempotent && retry.max === 0) throw invalid('idempotent needs retries: retry.max is 0')
  const maxMessageBytes = count('maxMessageBytes', options.maxMessageBytes, 1_000_000)
  const maxBytes = Math.min(count('flush.bytes', flush.bytes, maxMessageBytes), maxMessageBytes)
  const maxMessages = Math.min(count('flush.messages', flush.messages, BATCH_MESSAGES), count('flush.maxMessages', flush.maxMessages, BATCH_MESSAGES))
  return {
    addresses: addressesOf(options.addresses),
    clientId: options.clientId ?? 'frontier',
    tls: tlsOf(options.tls),
    sasl: saslOf(options.sasl),
    acks: ACKS[requiredAcks],
    idempotent,
    maxMessageBytes,
    timeoutMs: count('timeoutMs', options.timeoutMs, 10_000),
    compression,
    compressionLevel: levelOf(compression, options.compressionLevel),
    batch: { maxMessages, maxBytes, maxBatches: BATCHES, lingerMs: count('flush.frequencyMs', flush.frequencyMs, 0, 0) },
    maxRetries: count('retry.max', retry.max, Infinity, 0),
    retryBackoffMs: count('retry.backoffMs', retry.backoffMs, 100),
    maxBackoffMs: count('maxReconnectDelayMs', options.maxReconnectDelayMs, 5_000),
    connectTimeoutMs: count('connectTimeoutMs', options.connectTimeoutMs, 10_000),
    createTopics: options.createTopics ?? false,
    fromBeginning: options.consumeFrom !== 'latest',
    sessionTimeoutMs: count('sessionTimeoutMs', options.sessionTimeoutMs, 10_000),
  }
}

function invalid(reason: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', `kafka: ${reason}`)
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw invalid(`${name} is one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`)
}

function count(name: string, value: number | undefined, fallback: number, min = 1): number {
  if (value === undefined) return fallback
  if (!Number.isInteger(value) || value < min || value > 0x7fff_ffff) throw invalid(`${name} has to be a whole number from ${min}, got ${value}`)
  return value
}

function addressesOf(addresses: readonly string[]): string[] {
  // From untyped configuration there may be none at all.
  if (!Array.isArray(addresses) || addresses.length === 0) throw invalid('no addresses')
  return addresses.map((address) => {
    // kafkajs cuts addresses at the first colon: an IPv6 address would dial something else.
    const match = /^([A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(String(address))
    const port = Number(match?.[2] ?? 9092)
    if (match === null || port < 1 || port > 65_535) throw invalid(`${JSON.stringify(address)} is not host:port (an IPv6 address needs a name: kafkajs cannot dial it)`)
    return `${match[1]!}:${port}`
  })
}

function tlsOf(tls: boolean | KafkaTlsOptions | undefined): ConnectionOptions | undefined {
  if (tls === undefined || tls === false) return undefined
  if (tls === true) return {}
  const { ca, cert, key, passphrase, servername, insecureSkipVerify = false } = tls
  if ((cert === undefined) !== (key === undefined)) throw invalid('tls has a certificate and its key, or neither')
  return {
    rejectUnauthorized: !insecureSkipVerify,
    ...(ca !== undefined && { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
  }
}

function saslOf(sasl: KafkaSaslOptions | undefined): KafkaSaslOptions | undefined {
  if (sasl === undefined) return undefined
  oneOf('sasl.mechanism', sasl.mechanism, MECHANISMS)
  if (sasl.username === '' || typeof sasl.username !== 'string' || typeof sasl.password !== 'string') throw invalid('sasl needs a username and a password')
  return sasl
}

function levelOf(compression: KafkaCompression, level: number | undefined): number | undefined {
  if (level === undefined || level === -1 || compression === 'none') return undefined
  const range = LEVELS[compression]
  if (range === undefined) throw invalid(`${compression} has no compressionLevel`)
  if (!Number.isInteger(level) || level < range[0] || level > range[1]) throw invalid(`compressionLevel of ${compression} is ${range[0]} to ${range[1]}, got ${level}`)
  return level
}
