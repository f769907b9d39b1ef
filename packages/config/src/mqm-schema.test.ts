import { describe, expect, it } from 'vitest'
import { parseFrontierConfig, resolveFrontierConfig, type FrontierConfigInput } from './index.js'
import { valueAt, withValueAt } from './key-path.js'

const pathOf = (key: string): string[] => ['mqm', ...key.split('.')]

function problemOf(input: unknown): string {
  try {
    resolveFrontierConfig(input as FrontierConfigInput)
  } catch (error) {
    return (error as { reason: string }).reason
  }
  throw new Error('nothing was thrown')
}

function leafKeys(tree: object, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? leafKeys(value, `${prefix}${key}.`) : [prefix + key],
  )
}

type Row = [key: string, fallback: unknown, taken: unknown[], refused: unknown[]]

const most = 2 ** 31 - 1
const text = (key: string, fallback = ''): Row => [key, fallback, ['a', 'ü b'], [1, true, ['a']]]
const flag = (key: string, fallback = false): Row => [key, fallback, [true, false], ['yes', 0]]
const count = (key: string, fallback = 0, least = 0, end = most): Row => [key, fallback, [least, end], [least - 1, end + 1, '1', 1.5]]
const list = (key: string): Row => [key, [], [['a', 'b.>']], ['a', [1], ['']]]
const seconds = (key: string, fallback = 0): Row => [key, fallback, [0, 0.5, 86_400], [-1, 86_401, '1s']]

const common = (kind: string): Row[] => [
  [`${kind}.enable`, false, [], ['yes', true]],
  flag(`${kind}.required`),
  [`${kind}.mappings`, [], [[{ topic: 'a.>', to: '{topic.1}', key: '', partition: 3 }]], [[{}], [{ topic: 'a', extra: 1 }], [{ topic: 'a', partition: -1 }]]],
  count(`${kind}.max_waiting`, 65_536, 1),
  count(`${kind}.max_waiting_bytes`, 64 * 1_048_576, 1),
]
const encryption = (kind: string): Row[] => [
  [`${kind}.tls.enable`, false, [true], ['yes']],
  [`${kind}.tls.mtls`, false, [], [true]],
  [`${kind}.tls.ca_certs`, [], [], [['ca.pem'], 'ca.pem']],
  [`${kind}.tls.certs`, [], [], [[{ cert: 'a', key: 'b' }]]],
  [`${kind}.tls.insecure_skip_verify`, false, [], [true]],
]
const connection = (kind: string): Row[] => [
  [`${kind}.ack_timeout_seconds`, 30, [0.5, 86_400], [0, 86_401]],
  [`${kind}.consume`, [], [[{ from: 'a', group: 'g', to: { labels: { x: 'y' } }, topic: 't', dead_letter: 'd', timeout_seconds: 1, max_unsettled: 5 }]], [[{}], [{ from: 'a', to: { key: true, header: 'h' } }]]],
  [`${kind}.addrs`, [], [['a:1', '[::1]:2']], ['a:1', [''], ['a b']]],
]

const rows: Row[] = [
  ...['kafka', 'amqp', 'nats', 'nsq', 'redis', 'webhook'].flatMap(common),
  ...['kafka', 'amqp', 'nats', 'nsq', 'redis', 'webhook'].flatMap(encryption),
  ...['kafka', 'amqp', 'nats', 'nsq', 'redis'].flatMap(connection),
  text('kafka.client_id', 'frontier'),
  ['kafka.sasl.mechanism', '', ['plain', 'scram-sha-256', 'scram-sha-512'], ['PLAIN', 'oauth']],
  text('kafka.sasl.username'),
  text('kafka.sasl.password'),
  list('kafka.producer.topics'),
  flag('kafka.producer.async', true),
  count('kafka.producer.max_message_bytes'),
  ['kafka.producer.required_acks', -1, [1, -1], [2, -2, 'all']],
  seconds('kafka.producer.timeout'),
  ['kafka.producer.compression', 'none', ['gzip', 'snappy', 'lz4', 'zstd'], ['brotli', 'GZIP']],
  count('kafka.producer.flush.bytes'),
  count('kafka.producer.flush.messages'),
  seconds('kafka.producer.flush.frequency'),
  count('kafka.producer.flush.max_messages'),
  count('kafka.producer.retry.max'),
  seconds('kafka.producer.retry.backoff'),
  text('amqp.vhost', '/'),
  count('amqp.channel_max', 0, 0, 65_535),
  count('amqp.frame_size'),
  count('amqp.heartbeat', 10, 0, 3600),
  text('amqp.locale', 'en_US'),
  ['amqp.exchanges', [], [[{ name: 'e', kind: 'topic', durable: true, auto_delete: false, internal: false, nowait: false }]], [[{}], [{ name: '' }]]],
  ['amqp.queues', [], [[{ name: 'q', durable: true, auto_delete: false, exclusive: false, nowait: false }]], [[{}]]],
  ['amqp.queueBindings', [], [[{ queue_name: 'q', exchange_name: 'e', binding_key: 'k', nowait: false }]], [[{ queue_name: 'q' }]]],
  list('amqp.producer.routing_keys'),
  text('amqp.producer.exchange'),
  flag('amqp.producer.mandatory', true),
  ['amqp.producer.immediate', false, [false], [true]],
  text('amqp.producer.content_type'),
  text('amqp.producer.content_encoding'),
  count('amqp.producer.delivery_mode', 2, 1, 2),
  count('amqp.producer.priority', 0, 0, 255),
  text('amqp.producer.reply_to'),
  text('amqp.producer.expiration'),
  text('amqp.producer.type'),
  text('amqp.producer.user_id'),
  text('amqp.producer.app_id'),
  text('nats.user'),
  text('nats.password'),
  text('nats.token'),
  text('nats.nkey_file'),
  text('nats.creds_file'),
  ['nats.handshake_first', false, [false], [true, 'yes']],
  list('nats.producer.subjects'),
  ['nats.jetstream.enable', false, [], [true, 1]],
  text('nats.jetstream.name'),
  list('nats.jetstream.producer.subjects'),
  ['nsq.lookupd_addrs', [], [['a:1']], ['a:1']],
  text('nsq.auth_secret'),
  ['nsq.envelope', 'raw', ['json'], ['xml']],
  count('nsq.max_message_bytes', 1_048_576, 1),
  list('nsq.producer.topics'),
  count('redis.db', 0, 0, 65_535),
  text('redis.username'),
  text('redis.password'),
  text('redis.sentinel_name'),
  flag('redis.cluster'),
  ['redis.mode', 'pubsub', ['stream'], ['list']],
  count('redis.stream_max_length'),
  list('redis.producer.channels'),
  ['webhook.consume', [], [], [[{ from: 'a' }]]],
  text('webhook.url'),
  flag('webhook.allow_http'),
  text('webhook.secret'),
  ['webhook.timeout', 10, [0.1, 3600], [0, 3601]],
  count('webhook.max_attempts', 5, 1, 1000),
  count('webhook.max_concurrency', 64, 1, 65_536),
  list('webhook.producer.topics'),
]

describe('mqm', () => {
  it.each(rows)('%s is %j unless said otherwise', (key, fallback, taken, refused) => {
    expect(valueAt(resolveFrontierConfig(), pathOf(key))).toEqual(fallback)
    for (const value of taken) expect(valueAt(resolveFrontierConfig(withValueAt({}, pathOf(key), value) as FrontierConfigInput), pathOf(key))).toEqual(value)
    for (const value of refused) expect(problemOf(withValueAt({}, pathOf(key), value)), JSON.stringify(value)).toContain(`mqm.${key.split('.')[0]!}`)
  })

  it('has no other keys', () => {
    expect(leafKeys(resolveFrontierConfig().mqm).sort()).toEqual(rows.map(([key]) => key).sort())
  })

  it('can be given what it returned', () => {
    const once = resolveFrontierConfig({ mqm: { kafka: { enable: true, addrs: ['a:1'], producer: { topics: ['t'], required_acks: 1 } } } })
    expect(resolveFrontierConfig(once)).toEqual(once)
  })

  it('takes the spellings of the family', () => {
    const yaml = `mqm:
  kafka: { producer: { idepotent: true } }
  amqp: { queuebindings: [{ queue_name: q, exchange_name: e }], queues: [{ name: q, exclustive: true }] }`
    const { kafka, amqp } = parseFrontierConfig(yaml, 'frontier.yaml').mqm
    expect([kafka.producer.idempotent, amqp.queueBindings[0]?.queue_name, amqp.queues[0]?.exclusive]).toEqual([true, 'q', true])
    expect(() => parseFrontierConfig('mqm: { kafka: { producer: { idepotent: true, idempotent: true } } }', 'f')).toThrow('idepotent')
  })

  it.each([
    [{ kafka: { enable: true } }, 'kafka.addrs must not be empty'],
    [{ kafka: { enable: true, addrs: ['a'] } }, 'kafka.producer.topics must not be empty'],
    [{ amqp: { enable: true, addrs: ['a'] } }, 'amqp.producer.routing_keys must not be empty'],
    [{ nats: { enable: true, addrs: ['a'], jetstream: { enable: true, name: 's' }, producer: { subjects: ['a'] } } }, 'nats.jetstream.producer.subjects must not be empty'],
    [{ nats: { enable: true, addrs: ['a'] } }, 'mqm.nats.producer.subjects must not be empty'],
    [{ kafka: { sasl: { mechanism: 'gssapi' } } }, `kafka.sasl.mechanism must be one of '', plain, scram-sha-256, scram-sha-512, not "gssapi"`],
    [{ nats: { jetstream: { enable: true } } }, 'nats.jetstream.name must not be empty'],
    [{ nats: { handshake_first: true } }, 'nats.handshake_first needs tls.enable'],
    [{ redis: { cluster: true, sentinel_name: 'm' } }, 'redis.cluster must be false'],
    [{ redis: { cluster: true, db: 1 } }, 'redis.db must be 0'],
    [{ kafka: { producer: { idempotent: true, required_acks: 1 } } }, 'kafka.producer.idempotent needs required_acks: -1'],
    [{ webhook: { enable: true, producer: { topics: ['a'] } } }, 'webhook.url must not be empty'],
    [{ webhook: { ack_timeout_seconds: 5 } }, 'webhook'],
    [{ nats: { enable: true, addrs: ['a:1'], jetstream: { enable: true, name: 's' } } }, 'nats.jetstream.producer.subjects must not be empty'],
    [{ nsq: { tls: { insecure_skip_verify: true } } }, 'nsq.tls.enable must be true'],
    [{ nsq: { tls: { enable: true, mtls: true } } }, 'nsq.tls.certs must name'],
  ])('refuses %j', (mqm, told) => {
    expect(problemOf({ mqm })).toContain(told)
  })

  it('may only consume', () => {
    expect(resolveFrontierConfig({ mqm: { nsq: { enable: true, addrs: ['a:1'], consume: [{ from: 'q' }] } } }).mqm.nsq.enable).toBe(true)
  })
})
