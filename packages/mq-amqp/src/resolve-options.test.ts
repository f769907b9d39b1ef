import { describe, expect, it } from 'vitest'

import { parseAddress } from './amqp-address.js'
import type { AmqpBridgeOptions } from './amqp-options.js'
import { resolveOptions } from './resolve-options.js'

describe('addresses of RabbitMQ', () => {
  it.each([
    ['guest:guest@localhost:5672', { isTls: false, host: 'localhost', port: 5672, user: 'guest', password: 'guest' }],
    ['localhost', { host: 'localhost', port: 5672, user: 'guest', password: 'guest' }],
    ['ann:p%40ss%2F@10.0.0.1:1', { host: '10.0.0.1', port: 1, user: 'ann', password: 'p@ss/' }],
    ['ann@[::1]:5673', { host: '::1', port: 5673, user: 'ann', password: '' }],
    ['amqps://a:b@broker.example/', { isTls: true, host: 'broker.example', port: 5671 }],
  ])('%s', (text, parts) => {
    expect(parseAddress(text)).toMatchObject(parts)
  })

  it.each(['', 'http://a', 'a:b@host:70000', 'a:sEcReT@host/vhost', 'a:sEcReT%@host', 'a:sEcReT@host?heartbeat=1', 'amqp://'])('refuses %s, without its password', (text) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    expect(() => parseAddress(text)).not.toThrow(/sEcReT/)
  })
})

describe('options of a bridge into RabbitMQ', () => {
  const addresses = ['localhost']

  it('have defaults', () => {
    expect(resolveOptions({ addresses })).toMatchObject({
      vhost: '/',
      channelMax: 0,
      frameMaxBytes: 131_072,
      heartbeatSeconds: 10,
      locale: 'en_US',
      exchange: '',
      isMandatory: true,
      properties: { deliveryMode: 2 },
      maxMessageBytes: 16_777_216,
    })
  })

  it.each<[string, Partial<AmqpBridgeOptions>, RegExp]>([
    ['no address', { addresses: [] }, /empty address/],
    ['immediate', { producer: { immediate: true } }, /RabbitMQ has no immediate/],
    ['direct replies', { producer: { replyTo: 'amq.rabbitmq.reply-to' } }, /replyTo/],
    ['a delivery mode', { producer: { deliveryMode: 3 as 2 } }, /deliveryMode/],
    ['a priority', { producer: { priority: 256 } }, /priority/],
    ['an expiration', { producer: { expiration: '1s' } }, /expiration/],
    ['a long text', { producer: { appId: 'x'.repeat(256) } }, /appId/],
    ['an exchange without a kind', { exchanges: [{ name: 'a', kind: '' }] }, /kind/],
    ['half a certificate', { tls: { cert: 'x' } }, /cert and key/],
    ['too few channels', { channelMax: 2, consume: [{ from: 'a' }] }, /channelMax/],
    ['a short frame', { frameMaxBytes: 4095 }, /frameMaxBytes/],
    ['no heartbeats', { heartbeatSeconds: 0 }, /heartbeatSeconds/],
  ])('refuse %s', (_name, options, reason) => {
    expect(() => resolveOptions({ addresses, ...options })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: expect.stringMatching(reason) }))
  })
})
