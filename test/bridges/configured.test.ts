// Each broker by the keys of frontier.yaml alone, with every kind of credential and with TLS: an edge's publish is acknowledged.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FrontierConfigInput } from '@frontier/config'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing, startBroker, type BrokerName } from '../brokers/brokers.mjs'
import { startGateway } from '../support/test-gateway.js'

type Broker = Awaited<ReturnType<typeof startBroker>>
type Mqm = NonNullable<FrontierConfigInput['mqm']>

interface Row {
  readonly what: string
  mqm(broker: Broker, tls: { ca_certs: string[]; certs: { cert: string; key: string }[] }, secret: string): Mqm
  readonly topic?: string
}

const topics = ['t.>', 't']
const url = (text: string | undefined): string => text!.replace(/^[a-z]+:\/\//, '')
const username = 'frontier'

const brokers: Partial<Record<BrokerName, Row[]>> = {
  kafka: [
    ...(['plain', 'scram-sha-256', 'scram-sha-512'] as const).map((mechanism) => ({
      what: `kafka, ${mechanism}`,
      mqm: ({ env }: Broker): Mqm => ({
        kafka: { enable: true, addrs: [env['KAFKA_SASL_BROKERS']!], sasl: { mechanism, username, password: env['KAFKA_SASL_PASSWORD']! }, producer: { topics, compression: 'gzip' } },
      }),
    })),
    { what: 'kafka, certificate', mqm: ({ env }, tls) => ({ kafka: { enable: true, addrs: [env['KAFKA_MTLS_BROKERS']!], tls: { enable: true, mtls: true, ...tls }, producer: { topics } } }) },
    { what: 'kafka, TLS', mqm: ({ env }, tls) => ({ kafka: { enable: true, addrs: [env['KAFKA_TLS_BROKERS']!], tls: { enable: true, ca_certs: tls.ca_certs }, producer: { topics, required_acks: 1, async: false } } }) },
  ],
  rabbitmq: [
    {
      what: 'amqp: exchange, queue, binding',
      topic: 't.1',
      mqm: ({ address }) => ({
        amqp: {
          enable: true,
          addrs: [`guest:guest@${address}`],
          exchanges: [{ name: 'iot', kind: 'topic', durable: true, auto_delete: false, internal: false, nowait: false }],
          queues: [{ name: 'iot', durable: true, auto_delete: false, exclusive: false, nowait: false }],
          queueBindings: [{ queue_name: 'iot', exchange_name: 'iot', binding_key: 't.#', nowait: false }],
          producer: { routing_keys: topics, exchange: 'iot', content_type: 'text/plain', headers: { a: 'b' }, priority: 1, app_id: 'test' },
        },
      }),
    },
    {
      what: 'amqp, TLS',
      topic: 'q',
      mqm: ({ env }, tls) => ({
        amqp: {
          enable: true,
          addrs: [url(env['RABBITMQ_TLS_URL'])],
          tls: { enable: true, mtls: true, ...tls },
          queues: [{ name: 'q', durable: false, auto_delete: true, exclusive: false, nowait: false }],
          producer: { routing_keys: ['q'], delivery_mode: 1 },
        },
      }),
    },
  ],
  'nats-user': [{ what: 'nats, user and password', mqm: ({ address, env }) => ({ nats: { enable: true, addrs: ['127.0.0.1:1', address], user: username, password: env['NATS_PASSWORD']!, producer: { subjects: topics } } }) }],
  'nats-token': [{ what: 'nats, token', mqm: ({ address, env }) => ({ nats: { enable: true, addrs: [address], token: env['NATS_TOKEN']!, producer: { subjects: topics } } }) }],
  'nats-tls': [{ what: 'nats, TLS', mqm: ({ address }, tls) => ({ nats: { enable: true, addrs: [address], tls: { enable: true, ca_certs: tls.ca_certs }, producer: { subjects: topics } } }) }],
  'nats-nkey': [{ what: 'nats, nkey', mqm: ({ address }, _tls, secret) => ({ nats: { enable: true, addrs: [address], nkey_file: secret, producer: { subjects: topics } } }) }],
  'nats-jwt': [{ what: 'nats, credentials', mqm: ({ address }, _tls, secret) => ({ nats: { enable: true, addrs: [address], creds_file: secret, producer: { subjects: topics } } }) }],
  'nats-mtls': [{ what: 'nats, certificate, TLS first', mqm: ({ address }, tls) => ({ nats: { enable: true, addrs: [address], tls: { enable: true, mtls: true, ...tls }, handshake_first: true, producer: { subjects: topics } } }) }],
  nats: [{ what: 'nats, JetStream', topic: 't.js', mqm: ({ address }) => ({ nats: { enable: true, addrs: [address], jetstream: { enable: true, name: 'made', producer: { subjects: ['t.>'] } } } }) }],
  nsq: [
    { what: 'nsq', mqm: ({ addresses }) => ({ nsq: { enable: true, addrs: [...addresses], producer: { topics } } }) },
    { what: 'nsq, TLS', mqm: ({ address }, tls) => ({ nsq: { enable: true, addrs: [address], tls: { enable: true, ca_certs: tls.ca_certs }, envelope: 'json', producer: { topics } } }) },
  ],
  'redis-auth': [
    { what: 'redis, user and password', mqm: ({ address, credentials }) => ({ redis: { enable: true, addrs: [address], username: credentials!.username!, password: credentials!.password!, mode: 'stream', producer: { channels: topics } } }) },
  ],
  'redis-tls': [{ what: 'redis, TLS', mqm: ({ address }, tls) => ({ redis: { enable: true, addrs: [address], tls: { enable: true, mtls: true, ...tls }, db: 2, producer: { channels: topics } } }) }],
  'redis-sentinel': [{ what: 'redis, Sentinel', mqm: ({ addresses }) => ({ redis: { enable: true, addrs: [...addresses], sentinel_name: 'frontier', mode: 'stream', stream_max_length: 10, producer: { channels: topics } } }) }],
  'redis-cluster': [{ what: 'redis, Cluster', mqm: ({ addresses }) => ({ redis: { enable: true, addrs: [...addresses], cluster: true, mode: 'stream', producer: { channels: topics } } }) }],
}

describe.each(Object.entries(brokers) as [BrokerName, Row[]][])('%s', { timeout: 120_000 }, (name, rows) => {
  const reason = missing(name)
  let broker: Broker
  let folder: string

  beforeAll(async () => {
    if (reason !== undefined) return
    broker = await startBroker(name)
    folder = await mkdtemp(path.join(tmpdir(), 'frontier-configured-'))
    const { nkeySeed, creds } = broker.credentials ?? {}
    await writeFile(path.join(folder, 'secret.pem'), creds ?? `${nkeySeed ?? ''}\n`)
    if (broker.tls === undefined) return
    for (const file of ['ca', 'cert', 'key'] as const) await writeFile(path.join(folder, `${file}.pem`), broker.tls[file])
  }, 120_000)

  afterAll(async () => {
    if (reason !== undefined) return
    await broker.stop()
    await rm(folder, { recursive: true })
  }, 60_000)

  it.skipIf(reason !== undefined).each(rows)(reason === undefined ? '$what' : `$what (not here: ${reason})`, async ({ mqm, topic = 't' }) => {
    const file = (kind: string): string => path.join(folder, `${kind}.pem`)
    const config = mqm(broker, { ca_certs: [file('ca')], certs: [{ cert: file('cert'), key: file('key') }] }, file('secret'))
    const [section] = Object.values(config)
    await using gateway = await startGateway({ mqm: Object.fromEntries(Object.entries(config).map(([kind]) => [kind, { ...section, required: true }])) })
    const edge = await gateway.edge()
    await createTopic(broker, name, topic)
    await edge.publish(topic, 'hello', { timeoutMs: 20_000 })
    expect(gateway.frontier.exchange.bridges.list()[0]!.status()).toMatchObject({ state: 'online', published: 1, refused: 0 })
  })
})

/** Kafka's topics have to be there. */
async function createTopic(broker: Broker, name: string, topic: string): Promise<void> {
  if (name !== 'kafka') return
  const { Kafka, logLevel } = await import('kafkajs')
  const admin = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic }], waitForLeaders: true })
  await admin.disconnect()
}
