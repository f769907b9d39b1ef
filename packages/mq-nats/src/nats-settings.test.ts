import { nkeys } from 'nats'
import { describe, expect, it } from 'vitest'

import type { NatsBridgeOptions } from './nats-bridge-options.js'
import { natsSettings } from './nats-settings.js'

const settingsOf = (options: Partial<NatsBridgeOptions>) => natsSettings({ addresses: ['a'], ...options })

describe('natsSettings', () => {
  it('fills in what is not said', () => {
    expect(settingsOf({})).toMatchObject({ login: {}, tls: undefined, clientName: 'frontier', pingIntervalMs: 10_000, jetStream: undefined })
    expect(settingsOf({ topics: ['a.>', '*'], jetStream: { name: 's' } }).jetStream).toEqual({
      name: 's',
      subjects: ['a.>'],
      create: true,
      storage: 'file',
      replicas: 1,
      maxAgeMs: undefined,
      maxBytes: undefined,
      duplicateWindowMs: 120_000,
      publishTimeoutMs: 5_000,
    })
  })

  it('reads addresses', () => {
    const { addresses, login, tls } = settingsOf({ addresses: ['a', 'b:1', 'nats://c:2', 'tls://d', '[::1]:3', 'nats://u:p%40@e:4/'] })
    expect(addresses.map(({ host, port }) => `${host} ${port}`)).toEqual(['a 4222', 'b 1', 'c 2', 'd 4222', '::1 3', 'e 4'])
    expect(login).toEqual({ user: 'u', pass: 'p@' })
    expect(tls).toEqual({})
  })

  it('takes each kind of credential', () => {
    expect(settingsOf({ user: 'u', password: 'p' }).login).toEqual({ user: 'u', pass: 'p' })
    expect(settingsOf({ token: 't' }).login).toEqual({ token: 't' })
    const nkeySeed = new TextDecoder().decode(nkeys.createUser().getSeed())
    expect(settingsOf({ nkeySeed }).login.authenticator?.('nonce')).toHaveProperty('nkey')
    const creds = `-----BEGIN NATS USER JWT-----\njwt\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${nkeySeed}\n------END USER NKEY SEED------\n`
    expect(settingsOf({ creds: Buffer.from(creds) }).login.authenticator?.('nonce')).toMatchObject({ jwt: 'jwt' })
  })

  it('hands TLS on', () => {
    expect(settingsOf({ tls: { ca: [Buffer.from('1'), '2'], cert: 'c', key: Buffer.from('k'), servername: 's', insecureSkipVerify: true, handshakeFirst: true } }).tls).toEqual({
      ca: '1\n2',
      cert: 'c',
      key: 'k',
      servername: 's',
      rejectUnauthorized: false,
      handshakeFirst: true,
    })
  })

  it.each<[string, Partial<NatsBridgeOptions>]>([
    ['no addresses', { addresses: [] }],
    ['addresses that are none', { addresses: ['http://a'] }],
    ['an address with a path', { addresses: ['nats://a/b'] }],
    ['an address that is empty', { addresses: [''] }],
    ['a user alone', { user: 'u' }],
    ['two credentials', { user: 'u', password: 'p', token: 't' }],
    ['a seed that is none', { nkeySeed: 'no' }],
    ['half a certificate', { tls: { cert: 'c' } }],
    ['a name with a dot', { jetStream: { name: 'a.b' } }],
    ['a name that is empty', { jetStream: { name: '' } }],
    ['a subject with a space', { jetStream: { name: 's', subjects: ['a b'] } }],
    ['a storage that is none', { jetStream: { name: 's', storage: 'tape' as 'file' } }],
    ['no copies', { jetStream: { name: 's', replicas: 0 } }],
    ['half a millisecond', { pingIntervalMs: 0.5 }],
  ])('refuses %s', (_what, options) => {
    expect(() => settingsOf(options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
