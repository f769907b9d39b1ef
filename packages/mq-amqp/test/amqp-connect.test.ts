import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { amqpDriver } from '../src/index.js'
import { tracked, until } from './pending.js'
import { address, missing, openDriver, Other, told, unique, url } from './rabbitmq.js'
import { TcpProxy } from './tcp-proxy.js'

const credentials = address.split('@')[0]!
const handles = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'Timeout').length

if (url === undefined) it.skip(missing)

describe.runIf(url)('connecting to RabbitMQ', () => {
  it.each([
    ['a wrong password', { addresses: [`guest:wrong@${url?.host}`] }, 'UNAUTHENTICATED', /ACCESS_REFUSED/],
    ['a virtual host that is not there', { vhost: 'nowhere' }, 'INVALID_ARGUMENT', /virtual host/],
    ['nobody there', { addresses: ['guest:guest@127.0.0.1:1'] }, 'BRIDGE_UNAVAILABLE', /ECONNREFUSED/],
    ['an unknown kind of exchange', { exchanges: [{ name: 'x', kind: 'bogus' }] }, 'INVALID_ARGUMENT', /unknown exchange type/],
    ['a reserved name', { queues: [{ name: 'amq.mine' }] }, 'PERMISSION_DENIED', /reserved/],
    ['a binding without its queue', { queueBindings: [{ queueName: 'nope', exchangeName: 'amq.topic', bindingKey: 'a' }] }, 'INVALID_ARGUMENT', /no queue 'nope'/],
    ['an exchange that is different', { exchanges: [{ name: 'amq.topic', kind: 'topic', durable: false }] }, 'INVALID_ARGUMENT', /inequivalent arg/],
  ])('refuses %s, with the reason and nothing left', async (_name, options, code, reason) => {
    const before = handles()
    await expect(openDriver(options)).rejects.toMatchObject({ code, reason: expect.stringMatching(reason) })
    await until(() => handles() <= before, 'nothing is left')
  })

  it('says nothing of a password', async () => {
    const error = await openDriver({ addresses: [`guest:sEcReT@${url!.host}`] }).catch((reason: unknown) => reason)
    expect(String(error)).not.toContain('sEcReT')
  })

  it('gives up on a broker that hangs, when it is told to, and leaves nothing', async () => {
    await using proxy = await new TcpProxy(url!.hostname, Number(url!.port)).listen()
    proxy.freeze()
    const abort = new AbortController()
    const opening = amqpDriver({ addresses: [`${credentials}@${proxy.address}`] }).open(told(), abort.signal)
    await until(() => proxy.accepted === 1, 'the connection')
    abort.abort()
    await expect(opening).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
  })

  it('uses every address: the next one when one is refused, hangs, or is lost', async () => {
    await using hung = await new TcpProxy(url!.hostname, Number(url!.port)).listen()
    await using one = await new TcpProxy(url!.hostname, Number(url!.port)).listen()
    await using two = await new TcpProxy(url!.hostname, Number(url!.port)).listen()
    hung.freeze()
    const addresses = ['guest:guest@127.0.0.1:1', `${credentials}@${hung.address}`, `${credentials}@${one.address}`, `${credentials}@${two.address}`]
    const driver = amqpDriver({ addresses, connectTimeoutMs: 2000 })
    const events = told()
    const first = await driver.open(events, AbortSignal.timeout(10_000))
    expect([hung.accepted, one.accepted, two.accepted]).toEqual([1, 1, 0])
    await one.kill()
    await until(() => events.lost.length === 1, 'the loss is told')
    await first.close(0)
    const second = await driver.open(told(), AbortSignal.timeout(10_000))
    expect([one.accepted, two.accepted]).toEqual([1, 1])
    await second.close(1000)
  })

  it('tells of a connection that is lost, after all that was on it', async () => {
    await using other = await Other.connect()
    const queue = await other.queue()
    await using proxy = await new TcpProxy(url!.hostname, Number(url!.port)).listen()
    const events = told()
    const session = await openDriver({ addresses: [`${credentials}@${proxy.address}`] }, events)
    proxy.freeze()
    const all = Array.from({ length: 50 }, () => tracked(queue))
    session.send(all.map(({ message }) => message))
    await proxy.kill()
    await until(() => events.lost.length === 1, 'the loss is told')
    expect(all.every(({ settled }) => settled() === 1)).toBe(true)
    for (const { outcome } of all) expect(await outcome).toMatchObject({ how: 'lost', error: { code: 'BRIDGE_UNAVAILABLE', delivered: 'maybe' } })
    const late = tracked(queue)
    session.send([late.message])
    expect((await late.outcome).how).toBe('lost')
    await session.close(1000)
    expect(events.lost).toHaveLength(1)
  })

  it('finds a broker that hangs by its heartbeats, and leaves no socket', async () => {
    await using proxy = await new TcpProxy(url!.hostname, Number(url!.port)).listen()
    const before = handles()
    const events = told()
    const session = await openDriver({ addresses: [`${credentials}@${proxy.address}`], heartbeatSeconds: 1 }, events)
    proxy.freeze()
    const { message, outcome } = tracked('a')
    session.send([message])
    await until(() => events.lost.length === 1, 'the loss is told')
    expect(events.lost[0]!.reason).toMatch(/Heartbeat timeout/)
    expect((await outcome).how).toBe('lost')
    await proxy.kill()
    await until(() => handles() <= before, 'nothing is left')
  })

  it('closes in time also when the broker hangs', async () => {
    await using proxy = await new TcpProxy(url!.hostname, Number(url!.port)).listen()
    const events = told()
    const session = await openDriver({ addresses: [`${credentials}@${proxy.address}`] }, events)
    proxy.freeze()
    const { message, outcome } = tracked('a')
    session.send([message])
    await session.close(200)
    expect((await outcome).how).toBe('lost')
    expect(events.lost).toEqual([])
  })

  it('leaves nothing behind', async () => {
    await using proxy = await new TcpProxy(url!.hostname, Number(url!.port)).listen()
    const before = handles()
    for (let round = 0; round < 5; round++) {
      const session = await openDriver({ addresses: [`${credentials}@${proxy.address}`] })
      await session.close(1000)
    }
    await until(() => proxy.open === 0 && handles() <= before, 'nothing is left')
  })
})

const tlsUrl = process.env['RABBITMQ_TLS_URL'] === undefined ? undefined : new URL(process.env['RABBITMQ_TLS_URL'])
const caFile = process.env['BROKERS_CA']
if (tlsUrl === undefined || caFile === undefined) it.skip('RABBITMQ_TLS_URL and BROKERS_CA are not set: no RabbitMQ with TLS to test with')

describe.runIf(tlsUrl !== undefined && caFile !== undefined)('RabbitMQ with TLS', () => {
  const host = `${credentials}@${tlsUrl?.host}`
  it('is trusted by its authority, as text or bytes, and by any scheme', async () => {
    await using other = await Other.connect()
    const queue = await other.queue()
    for (const options of [
      { addresses: [host], tls: { ca: readFileSync(caFile!) } },
      { addresses: [`amqps://${host}`], tls: { ca: readFileSync(caFile!, 'utf8') } },
      { addresses: [host], tls: { insecureSkipVerify: true } },
    ]) {
      const session = await openDriver(options)
      const { message, outcome } = tracked(queue)
      session.send([message])
      expect((await outcome).how).toBe('done')
      await session.close(1000)
    }
    expect(await other.read(queue)).toHaveLength(3)
  })

  it('is not trusted without it', async () => {
    await expect(openDriver({ addresses: [host], tls: {} })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE', reason: expect.stringMatching(/certificate/) })
    const tls = { ca: readFileSync(caFile!), serverName: unique('elsewhere') }
    await expect(openDriver({ addresses: [host], tls })).rejects.toMatchObject({ reason: expect.stringMatching(/altnames|does not match/i) })
  })
})
