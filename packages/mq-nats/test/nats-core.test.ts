import type { IncomingMessage } from '@frontier/mq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { natsDriver } from '../src/index.js'
import { authority, isMissing, login, openDriver, Other, plain, resources, sendRaw, token, withTls, withToken, withUser } from './nats.js'
import { outgoing, told, tracked, unique, until, type Tracked } from './pending.js'
import { TcpProxy } from './tcp-proxy.js'

const codesOf = (sent: readonly Tracked[]): Promise<string[]> =>
  Promise.all(sent.map(async ({ outcome: settled }) => settled.then((outcome) => (outcome.how === 'done' ? 'done' : `${outcome.how} ${outcome.error.code}`))))

describe.skipIf(plain === '')(`core NATS ${plain === '' ? isMissing('NATS_URL') : ''}`, () => {
  let other: Other
  beforeAll(async () => {
    other = await Other.connect()
  })
  afterAll(() => other[Symbol.asyncDispose]())

  it('is acknowledged when the server has read it; listeners have it with its headers', async () => {
    const subject = unique('subject')
    const heard: { headers: string[]; data: string }[] = []
    other.connection.subscribe(subject, {
      callback: (_error, message) => heard.push({ data: message.string(), headers: ['frontier-edge-id', 'frontier-meta', 'frontier-bytes-base64', 'nats-rollup'].map((name) => message.headers?.get(name) ?? '') }),
    })
    await other.connection.flush()
    const session = await openDriver()
    const headers = { 'frontier-edge-id': '7', 'frontier-meta': new TextEncoder().encode('größer'), 'frontier-bytes': new Uint8Array([0xff, 10]), 'nats-rollup': 'all', 'not: a name': 'x' }
    const sent = [tracked(subject, 'hällo', { headers }), tracked(subject, '')]
    session.send(sent.map(({ message }) => message))
    expect(await codesOf(sent)).toEqual(['done', 'done'])
    await until(() => heard.length === 2, 'both are heard')
    expect(heard).toEqual([
      { data: 'hällo', headers: ['7', 'größer', '/wo=', ''] },
      { data: '', headers: ['', '', '', ''] },
    ])
    await session.close(1_000)
  })

  it('refuses what is larger than the server takes, headers included, and goes on', async () => {
    const driver = natsDriver({ addresses: [plain] })
    const session = await driver.open(told(), new AbortController().signal)
    const limit = other.connection.info!.max_payload
    const large = tracked(unique('subject'), new Uint8Array(limit - 20))
    const small = tracked(unique('subject'), 'x')
    session.send([large.message, small.message])
    expect(await codesOf([large, small])).toEqual(['refused PAYLOAD_TOO_LARGE', 'done'])
    expect(driver.check(outgoing('a', new Uint8Array(limit + 1)))?.code).toBe('PAYLOAD_TOO_LARGE')
    await session.close(1_000)
  })

  it('tells of a connection that went, and loses what was not acknowledged', async () => {
    await using proxy = await new TcpProxy('127.0.0.1', Number(new URL(plain).port)).listen()
    const events = told()
    const session = await openDriver({ addresses: [proxy.address] }, events)
    proxy.freeze()
    const sent = [tracked(unique('subject')), tracked(unique('subject'))]
    session.send(sent.map(({ message }) => message))
    await proxy.kill()
    expect(await codesOf(sent)).toEqual(['lost BRIDGE_UNAVAILABLE', 'lost BRIDGE_UNAVAILABLE'])
    await until(() => events.lost.length === 1, 'it is told')
    const late = tracked(unique('subject'))
    session.send([late.message])
    expect(await codesOf([late])).toEqual(['lost BRIDGE_UNAVAILABLE'])
    await session.close(0)
    expect(events.lost).toHaveLength(1)
  })

  it('notices a server that hangs', async () => {
    await using proxy = await new TcpProxy('127.0.0.1', Number(new URL(plain).port)).listen()
    const events = told()
    const session = await openDriver({ addresses: [proxy.address], pingIntervalMs: 100 }, events)
    proxy.freeze()
    await until(() => events.lost.length === 1, 'it is told')
    await session.close(0)
  })

  it('does not wait for ever to consume over a connection that goes meanwhile', async () => {
    await using proxy = await new TcpProxy('127.0.0.1', Number(new URL(plain).port)).listen()
    const session = await openDriver({ addresses: [proxy.address] })
    proxy.freeze()
    const consuming = session.consume!({ from: unique('subject'), group: 'g', maxUnsettled: 1, onMessage: () => undefined })
    await proxy.kill()
    await expect(consuming).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    await session.close(0)
  })

  it('hands out messages whose headers break the rules without them, and goes on', async () => {
    const subject = unique('subject')
    const session = await openDriver()
    const seen: unknown[] = []
    const onMessage = (message: IncomingMessage): void => {
      seen.push([new TextDecoder().decode(message.data), message.headers])
      message.ack()
    }
    await session.consume!({ from: subject, group: 'g', maxUnsettled: 10, onMessage })
    await sendRaw(plain, subject, 'NATS/1.0\r\nno name: x\r\n\r\n', 'bad')
    other.connection.publish(subject, 'good')
    await until(() => seen.length === 2, 'both come')
    expect(seen).toEqual([['bad', {}], ['good', {}]])
    await session.close(1_000)
  })

  it('is consumed by a queue group, no more at once than may be unsettled', async () => {
    const [subject, group] = [unique('subject'), unique('group')]
    const sessions = [await openDriver(), await openDriver()]
    const held: IncomingMessage[] = []
    let most = 0
    let settled = 0
    for (const session of sessions) {
      await session.consume!({
        from: `${subject}.*`,
        group,
        maxUnsettled: 4,
        onMessage: (message) => {
          held.push(message)
          most = Math.max(most, held.length)
          setImmediate(() => {
            const next = held.shift()!
            if (settled++ % 2 === 0) next.ack()
            else next.retry()
          })
        },
      })
    }
    for (let i = 0; i < 100; i++) other.connection.publish(`${subject}.${i}`, String(i))
    await until(() => settled === 100, 'each is heard once')
    expect(most).toBeLessThanOrEqual(8)
    await Promise.all(sessions.map((session) => session.close(1_000)))
  })

  it('refuses to consume what is no subject', async () => {
    const session = await openDriver()
    const consume = (from: string, group = 'g') => session.consume!({ from, group, maxUnsettled: 1, onMessage: () => undefined })
    await expect(consume('a b')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(consume('a.>.b')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(consume('a', 'g g')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await session.close(1_000)
  })

  it('tries each address, gives up when it is told to, and leaves nothing behind', async () => {
    const before = resources()
    const session = await openDriver({ addresses: ['127.0.0.1:1', '127.0.0.1:2', plain] })
    const { message, outcome } = tracked(unique('subject'))
    session.send([message])
    expect(await outcome).toEqual({ how: 'done' })
    await session.close(1_000)
    await expect(openDriver({ addresses: ['127.0.0.1:1', 'nats://127.0.0.1:2'] })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    await using proxy = await new TcpProxy('127.0.0.1', Number(new URL(plain).port)).listen()
    proxy.freeze()
    const opening = natsDriver({ addresses: [proxy.address] }).open(told(), AbortSignal.timeout(50))
    await expect(opening).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    await proxy.kill()
    await until(() => resources() <= before, 'nothing is left')
  })
})

describe.skipIf(withUser === '')(`logging in to NATS ${withUser === '' ? isMissing('NATS_USER_URL') : ''}`, () => {
  const withLogin = new URL(withUser === '' ? 'nats://nowhere' : withUser)
  withLogin.username = login.user
  withLogin.password = login.password

  it.each([
    ['a user', () => ({ addresses: [withUser], ...login })],
    ['a user in the address', () => ({ addresses: [withLogin.href] })],
    ['a token', () => ({ addresses: [withToken], token })],
    ['TLS and an authority', () => ({ addresses: [withTls], tls: { ca: authority() } })],
    ['TLS and authorities', () => ({ addresses: [withTls], tls: { ca: [Buffer.from(authority())] } })],
    ['TLS and any certificate', () => ({ addresses: [withTls], tls: { insecureSkipVerify: true } })],
  ])('with %s', async (_what, options) => {
    const session = await openDriver(options())
    const { message, outcome } = tracked(unique('subject'))
    session.send([message])
    expect(await outcome).toEqual({ how: 'done' })
    await session.close(1_000)
  })

  it.each([
    ['a wrong password', () => ({ addresses: [withUser], user: login.user, password: 'no' }), 'UNAUTHENTICATED'],
    ['no password', () => ({ addresses: [withUser] }), 'UNAUTHENTICATED'],
    ['a wrong token', () => ({ addresses: [withToken], token: 'no' }), 'UNAUTHENTICATED'],
    ['a certificate that nobody vouches for', () => ({ addresses: [withTls], tls: true }), 'BRIDGE_UNAVAILABLE'],
    ['TLS where there is none', () => ({ addresses: [withUser], ...login, tls: true }), 'INVALID_ARGUMENT'],
  ])('not with %s', async (_what, options, code) => {
    const before = resources()
    await expect(openDriver(options())).rejects.toMatchObject({ code })
    await until(() => resources() <= before, 'nothing is left')
  })
})
