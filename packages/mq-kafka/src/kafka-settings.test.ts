import { describe, expect, it } from 'vitest'

import type { KafkaBridgeOptions } from './kafka-bridge-options.js'
import { kafkaDriver } from './kafka-driver.js'
import { kafkaSettings } from './kafka-settings.js'

const settingsOf = (options: Partial<KafkaBridgeOptions>) => kafkaSettings({ addresses: ['a'], ...options })

describe('kafkaSettings', () => {
  it('fills in what is not said', () => {
    expect(settingsOf({})).toEqual({
      addresses: ['a:9092'],
      clientId: 'frontier',
      tls: undefined,
      sasl: undefined,
      acks: -1,
      idempotent: true,
      maxMessageBytes: 1_000_000,
      timeoutMs: 10_000,
      compression: 'none',
      compressionLevel: undefined,
      batch: { maxMessages: 500, maxBytes: 1_000_000, maxBatches: 8, lingerMs: 0 },
      maxRetries: Infinity,
      retryBackoffMs: 100,
      maxBackoffMs: 5_000,
      connectTimeoutMs: 10_000,
      createTopics: false,
      fromBeginning: true,
      sessionTimeoutMs: 10_000,
    })
  })

  it('is idempotent only with acks from all', () => {
    expect(settingsOf({ requiredAcks: 'leader' })).toMatchObject({ acks: 1, idempotent: false })
    expect(settingsOf({ requiredAcks: 'none' })).toMatchObject({ acks: 0, idempotent: false })
    expect(settingsOf({ idempotent: false })).toMatchObject({ acks: -1, idempotent: false })
    expect(kafkaDriver({ addresses: ['a'] }).resend).toBe('never')
    expect(kafkaDriver({ addresses: ['a'], idempotent: false }).resend).toBe('at-least-once')
  })

  it('bounds a batch by all that is said of it', () => {
    expect(settingsOf({ maxMessageBytes: 500, flush: { bytes: 900, messages: 50, maxMessages: 70, frequencyMs: 5 } }).batch).toMatchObject({ maxMessages: 50, maxBytes: 500, lingerMs: 5 })
    expect(settingsOf({ flush: { bytes: 900, maxMessages: 7 } }).batch).toMatchObject({ maxMessages: 7, maxBytes: 900 })
  })

  it('hands TLS on', () => {
    expect(settingsOf({ tls: true }).tls).toEqual({})
    expect(settingsOf({ tls: false }).tls).toBeUndefined()
    const tls = { ca: ['1', Buffer.from('2')], cert: 'c', key: 'k', passphrase: 'p', servername: 's', insecureSkipVerify: true }
    expect(settingsOf({ tls }).tls).toEqual({ ca: ['1', Buffer.from('2')], cert: 'c', key: 'k', passphrase: 'p', servername: 's', rejectUnauthorized: false })
  })

  it.each<[string, Partial<KafkaBridgeOptions>]>([
    ['no addresses', { addresses: [] }],
    ['an address with a path', { addresses: ['a/b'] }],
    ['an IPv6 address', { addresses: ['[::1]:9092'] }],
    ['a port that is none', { addresses: ['a:65536'] }],
    ['idempotence without acks from all', { idempotent: true, requiredAcks: 'leader' }],
    ['idempotence without acks', { idempotent: true, requiredAcks: 'none' }],
    ['idempotence without retries', { retry: { max: 0 } }],
    ['acks that are none', { requiredAcks: 'some' as 'all' }],
    ['a compression that is none', { compression: 'brotli' as 'gzip' }],
    ['a level where there is none', { compression: 'lz4', compressionLevel: 3 }],
    ['a level that is too high', { compression: 'gzip', compressionLevel: 10 }],
    ['a mechanism that is none', { sasl: { mechanism: 'oauth' as 'plain', username: 'u', password: 'p' } }],
    ['no username', { sasl: { mechanism: 'plain', username: '', password: 'p' } }],
    ['half a certificate', { tls: { key: 'k' } }],
    ['no bytes', { maxMessageBytes: 0 }],
    ['half a millisecond', { timeoutMs: 0.5 }],
    ['a beginning that is none', { consumeFrom: 'middle' as 'latest' }],
  ])('refuses %s', (_what, options) => {
    expect(() => settingsOf(options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
