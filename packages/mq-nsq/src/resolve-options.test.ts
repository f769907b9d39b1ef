import { describe, expect, it } from 'vitest'

import { chooseWriter } from './choose-writer.js'
import type { NsqBridgeOptions } from './nsq-options.js'
import { parseLookupdAddress, parseNsqdAddress } from './nsqd-address.js'
import { resolveOptions } from './resolve-options.js'

describe('addresses', () => {
  it('are of nsqds', () => {
    expect(parseNsqdAddress('nsqd.example:4150')).toEqual({ host: 'nsqd.example', port: 4150, name: 'nsqd.example:4150' })
    expect(parseNsqdAddress('[::1]:4150')).toEqual({ host: '::1', port: 4150, name: '[::1]:4150' })
    for (const text of ['', 'localhost', 'localhost:0', 'localhost:99999', 'http://localhost:1', 'a b:1', '::1:4150']) {
      expect(() => parseNsqdAddress(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    }
  })

  it('are of nsqlookupds', () => {
    expect(parseLookupdAddress('localhost:4161').href).toBe('http://localhost:4161/')
    expect(parseLookupdAddress('https://lookup.example/lookup').href).toBe('https://lookup.example/lookup')
    for (const text of ['', 'localhost', 'http://']) expect(() => parseLookupdAddress(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})

describe('options of a bridge into NSQ', () => {
  const addresses = ['localhost:4150', 'localhost:4150']

  it('have defaults', () => {
    expect(resolveOptions({ addresses })).toMatchObject({
      addresses: [{ name: 'localhost:4150' }],
      lookupds: [],
      lookupdPollMs: 2000,
      envelope: 'raw',
      maxMessageBytes: 1_048_576,
      maxBodyBytes: 5_242_880,
      heartbeatSeconds: 5,
    })
  })

  it.each<[string, Partial<NsqBridgeOptions>, RegExp]>([
    ['no address', { addresses: [] }, /empty address/],
    ['half a certificate', { tls: { key: 'x' } }, /cert and key/],
    ['an empty secret', { authSecret: '' }, /authSecret/],
    ['an envelope', { envelope: 'xml' as 'json' }, /envelope/],
    ['a body shorter than a message', { maxBodyBytes: 1000 }, /maxBodyBytes/],
    ['a poll in a hot loop', { lookupdPollMs: 1 }, /lookupdPollMs/],
    ['a heartbeat that nsqd does not take', { heartbeatSeconds: 61 }, /heartbeatSeconds/],
    ['a topic to consume', { consume: [{ from: 'a b', to: { labels: {} } }] }, /topic/],
    ['a channel to consume by', { consume: [{ from: 'a', group: 'g\n', to: { labels: {} } }] }, /channel/],
    ['edges by header without an envelope', { consume: [{ from: 'a' }] }, /envelope: json/],
    ['edges by key without an envelope', { consume: [{ from: 'a', to: { key: true } }] }, /envelope: json/],
  ])('refuse %s', (_name, options, reason) => {
    expect(() => resolveOptions({ addresses, ...options })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: expect.stringMatching(reason) }))
  })
})

describe('the nsqd of a key', () => {
  const writer = (name: string) => ({ address: { name }, isUp: true })

  it('is the same while it is there, and only its keys move when it goes', () => {
    const writers = [writer('a:1'), writer('b:1'), writer('c:1')]
    const keys = Array.from({ length: 3000 }, (_, at) => `${at}`)
    const before = keys.map((key) => chooseWriter(writers, key, 0))
    for (const one of writers) expect(before.filter((chosen) => chosen === one).length).toBeGreaterThan(800)
    const gone = writers[1]!
    gone.isUp = false
    const after = keys.map((key, at) => chooseWriter(writers, key, at))
    expect(after).not.toContain(gone)
    expect(after.every((chosen, at) => chosen === before[at] || before[at] === gone)).toBe(true)
  })

  it('is any in turn without a key, and none when none is there', () => {
    const writers = [writer('a:1'), writer('b:1')]
    expect(new Set([0, 1].map((turn) => chooseWriter(writers, '', turn)))).toEqual(new Set(writers))
    for (const one of writers) one.isUp = false
    expect(chooseWriter(writers, 'x', 0)).toBeUndefined()
  })
})
