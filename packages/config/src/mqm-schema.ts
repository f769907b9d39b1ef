// The section `mqm`. Above 200 lines: one table of keys, by broker.
import { z } from 'zod'

import type { MqmConfig } from './mqm-config.js'

const MIB = 1_048_576
const MAX_INT = 2 ** 31 - 1

const text = (fallback = ''): z.ZodDefault<z.ZodString> => z.string().default(fallback)
const flag = (fallback = false): z.ZodDefault<z.ZodBoolean> => z.boolean().default(fallback)
const count = (fallback = 0, least = 0, most = MAX_INT): z.ZodDefault<z.ZodInt> => z.int().min(least).max(most).default(fallback)
const seconds = (fallback = 0) => z.number().min(0).max(86_400).default(fallback)
const names = () => z.array(z.string().min(1)).default([])
const texts = () => z.record(z.string(), z.string()).default({})
const addrs = () => z.array(z.string().regex(/^\S+$/, { error: () => 'must be an address, host:port' })).default([])

/** A key that the family spells in another way, too. */
function alsoSpelled(key: string, other: string) {
  return (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !(other in value) || key in value) return value
    const { [other]: own, ...rest } = value as Record<string, unknown>
    return { ...rest, [key]: own }
  }
}

const tls = z
  .strictObject({
    enable: flag(),
    mtls: flag(),
    ca_certs: names(),
    certs: z.array(z.strictObject({ cert: z.string().min(1), key: z.string().min(1) })).default([]),
    insecure_skip_verify: flag(),
  })
  .superRefine((value, context) => {
    const complain = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    if (!value.enable && (value.mtls || value.certs.length > 0 || value.ca_certs.length > 0 || value.insecure_skip_verify)) complain('enable', 'must be true for the other keys to count')
    if (value.mtls && value.certs.length === 0) complain('certs', 'must name a certificate when mtls is on')
  })
  .prefault({})

const mapping = z.strictObject({
  topic: z.string().min(1),
  to: z.string().min(1).optional(),
  key: z.string().optional(),
  partition: z.union([z.int().min(0), z.string()], { error: () => 'must be a number, or text with a placeholder' }).optional(),
})

const target = z
  .strictObject({ header: z.string().min(1).optional(), key: z.literal(true).optional(), labels: z.record(z.string(), z.string()).optional() })
  .refine((to) => Object.values(to).filter((value) => value !== undefined).length <= 1, { error: () => 'must be one of header, key and labels' })

const consume = z.strictObject({
  from: z.string().min(1),
  group: z.string().min(1).optional(),
  to: target.optional(),
  topic: z.string().min(1).optional(),
  dead_letter: z.string().min(1).optional(),
  timeout_seconds: z.number().positive().max(86_400).optional(),
  max_unsettled: z.int().min(1).max(65_536).optional(),
})

const common = {
  enable: flag(),
  required: flag(),
  mappings: z.array(mapping).default([]),
  consume: z.array(consume).default([]),
  max_waiting: count(65_536, 1),
  max_waiting_bytes: count(64 * MIB, 1),
}

const connected = {
  ...common,
  ack_timeout_seconds: z.number().positive().max(86_400).default(30),
}

/** What is enabled has somewhere to go, and something to do. */
function complete<T extends { enable: boolean; consume: readonly unknown[] }>(where: string, topics: (value: T) => readonly string[], path: readonly string[] | ((value: T) => readonly string[])) {
  return (value: T, context: z.RefinementCtx): void => {
    if (!value.enable) return
    const place = (value as Record<string, unknown>)[where] as string | readonly string[]
    if (place.length === 0) context.addIssue({ code: 'custom', path: [where], message: 'must not be empty when it is enabled' })
    if (topics(value).length === 0 && value.consume.length === 0) context.addIssue({ code: 'custom', path: [...(typeof path === 'function' ? path(value) : path)], message: 'must not be empty when nothing is consumed' })
  }
}

const kafkaProducer = z.preprocess(
  alsoSpelled('idempotent', 'idepotent'),
  z
    .strictObject({
      topics: names(),
      async: flag(true),
      max_message_bytes: count(),
      required_acks: z.union([z.literal(-1), z.literal(1), z.literal(0).transform(() => -1 as const)], { error: () => 'must be -1 (all in-sync copies) or 1 (the leader)' }).default(-1),
      timeout: seconds(),
      compression: z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']).default('none'),
      compression_level: z.int().min(-1).max(22).optional(),
      idempotent: z.boolean().optional(),
      flush: z.strictObject({ bytes: count(), messages: count(), frequency: seconds(), max_messages: count() }).prefault({}),
      retry: z.strictObject({ max: count(), backoff: seconds() }).prefault({}),
    })
    .superRefine(({ idempotent, required_acks: acks }, context) => {
      if (idempotent === true && acks !== -1) context.addIssue({ code: 'custom', path: ['idempotent'], message: 'needs required_acks: -1' })
    }),
)

const kafka = z
  .strictObject({
    ...connected,
    addrs: addrs(),
    client_id: text('frontier'),
    tls,
    sasl: z
      .strictObject({ mechanism: z.enum(['', 'plain', 'scram-sha-256', 'scram-sha-512']).default(''), username: text(), password: text() })
      .prefault({}),
    producer: kafkaProducer.prefault({}),
  })
  .superRefine(complete('addrs', ({ producer }) => producer.topics, ['producer', 'topics']))
  .prefault({})

const amqpQueue = z.preprocess(
  alsoSpelled('exclusive', 'exclustive'),
  z.strictObject({ name: z.string().min(1), durable: flag(), auto_delete: flag(), exclusive: flag(), nowait: flag() }),
)

const amqp = z
  .preprocess(
    alsoSpelled('queueBindings', 'queuebindings'),
    z
      .strictObject({
        ...connected,
        addrs: addrs(),
        tls,
        vhost: text('/'),
        channel_max: count(0, 0, 65_535),
        frame_size: count(),
        heartbeat: count(10, 0, 3600),
        locale: text('en_US'),
        exchanges: z
          .array(z.strictObject({ name: z.string().min(1), kind: text('direct'), durable: flag(), auto_delete: flag(), internal: flag(), nowait: flag() }))
          .default([]),
        queues: z.array(amqpQueue).default([]),
        queueBindings: z.array(z.strictObject({ queue_name: z.string().min(1), exchange_name: z.string().min(1), binding_key: text(), nowait: flag() })).default([]),
        producer: z
          .strictObject({
            routing_keys: names(),
            exchange: text(),
            mandatory: flag(true),
            immediate: z.literal(false, { error: () => 'is not possible: RabbitMQ does not have it' }).default(false),
            headers: texts(),
            content_type: text(),
            content_encoding: text(),
            delivery_mode: z.union([z.literal(1), z.literal(2)], { error: () => 'must be 1 or 2' }).default(2),
            priority: count(0, 0, 255),
            reply_to: text(),
            expiration: text(),
            type: text(),
            user_id: text(),
            app_id: text(),
          })
          .prefault({}),
      })
      .superRefine(complete('addrs', ({ producer }) => producer.routing_keys, ['producer', 'routing_keys'])),
  )
  .prefault({})

const nats = z
  .strictObject({
    ...connected,
    addrs: addrs(),
    tls,
    user: text(),
    password: text(),
    token: text(),
    nkey_file: text(),
    creds_file: text(),
    handshake_first: flag(),
    producer: z.strictObject({ subjects: names() }).prefault({}),
    jetstream: z.strictObject({ enable: flag(), name: text(), producer: z.strictObject({ subjects: names() }).prefault({}) }).prefault({}),
  })
  .superRefine(complete('addrs', ({ jetstream, producer }) => (jetstream.enable ? jetstream.producer : producer).subjects, ({ jetstream }) => [...(jetstream.enable ? ['jetstream'] : []), 'producer', 'subjects']))
  .superRefine(({ jetstream, handshake_first: handshakeFirst, tls: { enable: isTls } }, context) => {
    if (jetstream.enable && jetstream.name === '') context.addIssue({ code: 'custom', path: ['jetstream', 'name'], message: 'must not be empty' })
    if (handshakeFirst && !isTls) context.addIssue({ code: 'custom', path: ['handshake_first'], message: 'needs tls.enable' })
  })
  .prefault({})

const nsq = z
  .strictObject({
    ...connected,
    addrs: addrs(),
    lookupd_addrs: addrs(),
    tls,
    auth_secret: text(),
    envelope: z.enum(['raw', 'json']).default('raw'),
    max_message_bytes: count(MIB, 1),
    producer: z.strictObject({ topics: names() }).prefault({}),
  })
  .superRefine(complete('addrs', ({ producer }) => producer.topics, ['producer', 'topics']))
  .prefault({})

const redis = z
  .strictObject({
    ...connected,
    addrs: addrs(),
    tls,
    db: count(0, 0, 65_535),
    username: text(),
    password: text(),
    sentinel_name: text(),
    cluster: flag(),
    mode: z.enum(['pubsub', 'stream']).default('pubsub'),
    stream_max_length: count(),
    producer: z.strictObject({ channels: names() }).prefault({}),
  })
  .superRefine(complete('addrs', ({ producer }) => producer.channels, ['producer', 'channels']))
  .superRefine(({ cluster, sentinel_name: sentinel, db }, context) => {
    if (cluster && sentinel !== '') context.addIssue({ code: 'custom', path: ['cluster'], message: 'must be false with a sentinel_name' })
    if (cluster && db !== 0) context.addIssue({ code: 'custom', path: ['db'], message: 'must be 0: a cluster has no other' })
  })
  .prefault({})

const webhook = z
  .strictObject({
    ...common,
    url: text(),
    allow_http: flag(),
    tls,
    secret: text(),
    headers: texts(),
    timeout: z.number().positive().max(3600).default(10),
    max_attempts: count(5, 1, 1000),
    max_concurrency: count(64, 1, 65_536),
    producer: z.strictObject({ topics: names() }).prefault({}),
  })
  .superRefine(complete('url', ({ producer }) => producer.topics, ['producer', 'topics']))
  .superRefine(({ consume: consumed }, context) => {
    if (consumed.length > 0) context.addIssue({ code: 'custom', path: ['consume'], message: 'must be empty: there is nothing to consume' })
  })
  .prefault({})

/** The section `mqm`. */
export const mqmSchema: z.ZodType<MqmConfig> = z.strictObject({ kafka, amqp, nats, nsq, redis, webhook }).prefault({})
