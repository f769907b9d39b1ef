import { readFileSync } from 'node:fs'

import { afterAll, describe, expect, it } from 'vitest'

import { nsqDriver } from '../src/index.js'
import { FakeNsqd } from './fake-nsqd.js'
import { deleteTopics, depth, missing, nsqds, openDriver, told, uniqueTopic } from './nsq.js'
import { tracked, until } from './pending.js'
import { TcpProxy } from './tcp-proxy.js'

const handles = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'Timeout').length
const [host, port] = nsqds[0]?.split(':') ?? []
const proxied = () => new TcpProxy(host!, Number(port)).listen()

describe('connecting to an nsqd', () => {
  it.each([
    ['nobody there', (fake: FakeNsqd) => ({ addresses: [fake.address.replace(/\d+$/, '1')] }), 'BRIDGE_UNAVAILABLE', /ECONNREFUSED/],
    ['a secret that it does not take', (fake: FakeNsqd) => ((fake.answer = () => 'E_AUTH_FAILED AUTH failed'), { authSecret: 'x' }), 'UNAUTHENTICATED', /AUTH failed/],
    ['a secret that it has no use for', (fake: FakeNsqd) => ((fake.answer = () => 'E_AUTH_DISABLED AUTH disabled'), { authSecret: 'x' }), 'INVALID_ARGUMENT', /disabled/],
    ['no secret where it wants one', (fake: FakeNsqd) => ((fake.identify = { ...(fake.identify as object), auth_required: true }), {}), 'UNAUTHENTICATED', /authSecret/],
    ['no TLS', () => ({ tls: {} }), 'INVALID_ARGUMENT', /no TLS/],
    ['an answer that is not its own', (fake: FakeNsqd) => ((fake.identify = '<html>'), {}), 'BRIDGE_UNAVAILABLE', /not one of nsqd/],
  ])('fails for %s, and leaves nothing', async (_name, prepare, code, reason) => {
    await using fake = await new FakeNsqd().listen()
    const before = handles()
    const options = prepare(fake)
    await expect(openDriver({ addresses: [fake.address], ...options })).rejects.toMatchObject({ code, reason: expect.stringMatching(reason) })
    await until(() => handles() <= before && fake.open === 0, 'nothing is left')
  })

  it('never sends its secret in the clear when it wants TLS', async () => {
    await using fake = await new FakeNsqd().listen()
    await expect(openDriver({ addresses: [fake.address], tls: {}, authSecret: 'secret' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: expect.stringMatching(/no TLS/) })
    expect(fake.commands).toEqual(['IDENTIFY'])
  })

  it('gives up on one that hangs when it is told to, or after its time, and leaves nothing', async () => {
    await using fake = await new FakeNsqd().listen()
    fake.identify = undefined
    const before = handles()
    const abort = new AbortController()
    const opening = nsqDriver({ addresses: [fake.address] }).open(told(), abort.signal)
    await until(() => fake.commands.length === 1, 'the connection')
    abort.abort()
    await expect(opening).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    await expect(openDriver({ addresses: [fake.address], connectTimeoutMs: 50 })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    await until(() => handles() <= before && fake.open === 0, 'nothing is left')
  })

  it('costs only those to blame when nsqd refuses a command', async () => {
    await using fake = await new FakeNsqd().listen()
    fake.answer = (command) => (command.startsWith('PUB secret') ? 'E_UNAUTHORIZED AUTH failed for PUB on "secret"' : command.startsWith('PUB') ? 'OK' : undefined)
    const driver = nsqDriver({ addresses: [fake.address] })
    const session = await driver.open(told(), AbortSignal.timeout(5000))
    const [before, bad, after] = [tracked('a'), tracked('secret'), tracked('b')]
    session.send([before.message, bad.message, after.message])
    expect((await before.outcome).how).toBe('done')
    expect(await bad.outcome).toMatchObject({ how: 'refused', error: { code: 'PERMISSION_DENIED' } })
    expect((await after.outcome).how).toBe('lost')
    expect(driver.check(bad.message)?.code).toBe('PERMISSION_DENIED')
    await session.close(100)
  })

  it('tells of nsqds of its list that hang by their silence', async () => {
    await using fake = await new FakeNsqd().listen() // it sends no heartbeats
    fake.answer = () => undefined
    const events = told()
    const session = await openDriver({ addresses: [fake.address], heartbeatSeconds: 1 }, events)
    const { message, outcome } = tracked('a')
    session.send([message])
    await until(() => events.lost.length === 1, 'the loss is told')
    expect(events.lost[0]!.reason).toMatch(/heartbeat/)
    expect((await outcome).how).toBe('lost')
    await session.close(0)
  })

  it('does not let one that hangs hold up the others', async () => {
    await using hung = await new FakeNsqd().listen()
    await using well = await new FakeNsqd().listen()
    hung.answer = () => undefined
    const events = told()
    const session = await openDriver({ addresses: [hung.address, well.address], heartbeatSeconds: 60, connectTimeoutMs: 60_000 }, events)
    const send = () => {
      const all = Array.from({ length: 50 }, (_, at) => tracked('a', 'x', { key: `${at}` }))
      session.send(all.map(({ message }) => message))
      return Promise.all(all.map(async ({ outcome }) => (await outcome).how))
    }
    const first = await send()
    expect(new Set(first)).toEqual(new Set(['done', 'lost']))
    expect(new Set(await send())).toEqual(new Set(['done']))
    expect(events.lost).toEqual([])
    await session.close(0)
  })
})

if (nsqds.length < 2) it.skip(missing)

describe.runIf(nsqds.length >= 2)('several nsqds', () => {
  afterAll(deleteTopics)

  it('take over from one that goes, and it has its share again when it is back', async () => {
    const topic = uniqueTopic()
    await using proxy = await proxied()
    const events = told()
    const session = await openDriver({ addresses: [proxy.address, nsqds[1]!], maxReconnectDelayMs: 50 }, events)
    const send = async () => {
      const all = Array.from({ length: 100 }, (_, at) => tracked(topic, 'x', { key: `${at}` }))
      session.send(all.map(({ message }) => message))
      return (await Promise.all(all.map(({ outcome }) => outcome))).filter(({ how }) => how === 'done').length
    }
    expect(await send()).toBe(100)
    const share = await depth(topic, 0)
    expect(share).toBeGreaterThan(0)
    await proxy.kill()
    await until(async () => (await send()) === 100, 'the other takes all')
    expect(await depth(topic, 0)).toBe(share)
    await proxy.listen()
    await until(async () => (await send()) === 100 && (await depth(topic, 0)) > share, 'it has its share')
    expect(events.lost).toEqual([])
    await session.close(1000)
  })

  it('are lost when the last of them goes, after all that was on its way', async () => {
    await using proxy = await proxied()
    const events = told()
    const session = await openDriver({ addresses: [proxy.address, '127.0.0.1:1'] }, events)
    proxy.freeze()
    const all = Array.from({ length: 50 }, () => tracked(uniqueTopic()))
    session.send(all.map(({ message }) => message))
    await proxy.kill()
    await until(() => events.lost.length === 1, 'the loss is told')
    expect(all.every(({ settled }) => settled() === 1)).toBe(true)
    for (const { outcome } of all) expect((await outcome).how).toBe('lost')
    await session.close(1000)
    expect(events.lost).toHaveLength(1)
  })

  it('close in time also when they hang', async () => {
    await using proxy = await proxied()
    const session = await openDriver({ addresses: [proxy.address] })
    proxy.freeze()
    const { message, outcome } = tracked(uniqueTopic())
    session.send([message])
    await session.close(100)
    expect((await outcome).how).toBe('lost')
  })

  it('have nothing of us left behind', async () => {
    await using proxy = await proxied()
    const before = handles()
    for (let round = 0; round < 5; round++) {
      const session = await openDriver({ addresses: [proxy.address, '127.0.0.1:1'] })
      await session.consume!({ from: uniqueTopic(), group: 'g', maxUnsettled: 1, onMessage: () => undefined })
      await session.close(1000)
    }
    await until(() => proxy.open === 0 && handles() <= before, 'nothing is left')
  })
})

const caFile = process.env['BROKERS_CA']
if (caFile === undefined) it.skip('BROKERS_CA is not set: no NSQ with TLS to test with')

describe.runIf(nsqds.length >= 2 && caFile !== undefined)('nsqd with TLS', () => {
  afterAll(deleteTopics)
  const named = `localhost:${port}`

  it('is trusted by its authority, by name and by address', async () => {
    const topic = uniqueTopic()
    for (const options of [
      { addresses: [named], tls: { ca: readFileSync(caFile!) } },
      { addresses: [nsqds[0]!], tls: { ca: [readFileSync(caFile!, 'utf8')] } },
      { addresses: [nsqds[0]!], tls: { insecureSkipVerify: true } },
    ]) {
      const session = await openDriver(options)
      const { message, outcome } = tracked(topic)
      session.send([message])
      expect((await outcome).how).toBe('done')
      await session.close(1000)
    }
    expect(await depth(topic)).toBe(3)
  })

  it('is not trusted without it, nor under another name', async () => {
    await expect(openDriver({ addresses: [named], tls: {} })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE', reason: expect.stringMatching(/certificate/) })
    const tls = { ca: readFileSync(caFile!), serverName: 'elsewhere' }
    await expect(openDriver({ addresses: [named], tls })).rejects.toMatchObject({ reason: expect.stringMatching(/altnames/) })
  })
})
