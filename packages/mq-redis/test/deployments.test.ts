// Logins, TLS, Sentinel and Cluster.
import { describe, expect, it } from 'vitest'
import { redisBridge, type RedisBridgeOptions } from '@frontier/mq-redis'
import { missing, startBroker, type BrokerName, type BrokerProcess } from '../../../test/brokers/brokers.mjs'
import { keySlot } from '../src/key-slot.js'
import { client, inbox, open, outgoing, send, sendAll, until } from './redis-subject.js'

const why = missing('redis')

async function withBroker(name: BrokerName, test: (broker: BrokerProcess) => Promise<void>): Promise<void> {
  const broker = await startBroker(name)
  try {
    await test(broker)
  } finally {
    await broker.stop()
  }
}

describe.skipIf(why !== undefined)(`Redis${why === undefined ? '' : ` (skipped: ${why})`}`, { timeout: 60_000 }, () => {
  it('with users: takes the right ones, and says what others may not', () =>
    withBroker('redis-auth', async ({ address, credentials, env }) => {
      const common: RedisBridgeOptions = { addresses: [address], mode: 'stream' }
      await using own = await open({ ...common, ...credentials })
      expect(await send(own.session, outgoing('s'))).toBe('done')
      await using byPassword = await open({ ...common, password: env['REDIS_DEFAULT_PASSWORD'] })
      expect(await send(byPassword.session, outgoing('s'))).toBe('done')
      for (const wrong of [{}, { password: 'wrong' }, { username: 'frontier', password: 'wrong' }, { username: 'nobody', password: 'x' }]) {
        await expect(open({ ...common, ...wrong })).rejects.toMatchObject({ code: 'UNAUTHENTICATED', retryable: false })
      }
      await using reader = await open({ ...common, username: 'reader', password: 'reader-secret' })
      expect(await send(reader.session, outgoing('s'))).toMatchObject({ refused: { code: 'PERMISSION_DENIED' } })
      const consuming = reader.session.consume!({ from: 's', group: 'g', maxUnsettled: 1, onMessage: () => undefined })
      await expect(consuming).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
      expect(reader.lost).toEqual([])
    }))

  it('with users: is over when its user is taken away', () =>
    withBroker('redis-auth', async ({ address, credentials, env }) => {
      const admin = await client(`redis://:${env['REDIS_DEFAULT_PASSWORD']}@${address}`)
      const own = await open({ addresses: [address], mode: 'stream', ...credentials })
      await admin.acl('DELUSER', 'frontier')
      await until(() => expect(own.lost).toHaveLength(1))
      await expect(open({ addresses: [address], ...credentials })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
      admin.disconnect()
      await own.session.close(0)
    }))

  it('with TLS: believes the authority it is given, and no other', () =>
    withBroker('redis-tls', async (broker) => {
      const { address, ca, cert, key } = broker.tls!
      const common: RedisBridgeOptions = { addresses: [address], mode: 'stream' }
      for (const tls of [{ ca }, { ca: Buffer.from(ca), cert, key }, { insecureSkipVerify: true }]) {
        await using own = await open({ ...common, tls })
        expect(await send(own.session, outgoing('s'))).toBe('done')
        await own.session.consume!({ from: 's', group: 'g', maxUnsettled: 10, onMessage: () => undefined })
      }
      await expect(open({ ...common, tls: true })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE', reason: expect.stringContaining('certificate') as string })
      await expect(open({ ...common, tls: { ca, servername: 'elsewhere.test' } })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
      await expect(open(common)).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    }))

  it('with Sentinel: asks each for the master, and follows it', () =>
    withBroker('redis-sentinel', async (broker) => {
      const common: RedisBridgeOptions = { addresses: broker.addresses, sentinelName: 'frontier', mode: 'stream' }
      await expect(open({ ...common, sentinelName: 'another' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      await broker.kill('sentinel1')
      const first = await open(common)
      expect(await send(first.session, outgoing('s', { data: 'before' }))).toBe('done')
      // Whoever copies has it, before the one that has it goes.
      const copies = await client(`redis://${addressOf(broker, 2)}`)
      await until(async () => expect(await copies.exists('s')).toBe(1))
      copies.disconnect()
      await broker.kill('node1')
      await until(() => expect(first.lost).toHaveLength(1))
      await first.session.close(0)
      await until(async () => {
        await using next = await open(common)
        expect(await send(next.session, outgoing('s', { data: 'after' }))).toBe('done')
        const { texts, onMessage } = inbox()
        await next.session.consume!({ from: 's', group: `g${Math.random()}`, maxUnsettled: 10, onMessage })
        await until(() => expect(texts()).toEqual(['before', 'after']))
      }, 40_000)
    }))

  it('with Cluster: each key at the node that has it, and goes on when one of them is replaced', () =>
    withBroker('redis-cluster', async (broker) => {
      const common: RedisBridgeOptions = { addresses: broker.addresses, cluster: true, mode: 'stream' }
      const reference = await client(`redis://${broker.address}`)
      for (const key of ['a', 'sensors.temp', '{a}b', 'x{}y', 'x{y', 'ü', '{}{a}', '']) expect(keySlot(key)).toBe(await reference.cluster('KEYSLOT', key))
      await using own = await open(common)
      const keys = Array.from({ length: 60 }, (_, i) => `s${i}`)
      const outcomes = await sendAll(own.session, keys.flatMap((key) => ['0', '1', '2'].map((data) => outgoing(key, { data }))))
      expect(outcomes.every((outcome) => outcome === 'done')).toBe(true)
      const { texts, onMessage } = inbox()
      for (const from of keys.slice(0, 6)) await own.session.consume!({ from, group: 'g', maxUnsettled: 10, onMessage })
      await until(() => expect(texts().sort()).toEqual(['0', '1', '2'].flatMap((text) => Array<string>(6).fill(text))))
      const nodes = (await reference.cluster('NODES')) as string
      const doomed = nodes.split('\n').find((line) => line.includes('master') && !line.includes('myself'))!.split(/[ @]/)[1]!
      const node = broker.addresses.indexOf(doomed) + 1
      await broker.kill(`node${node}`)
      await until(() => expect(own.lost).toHaveLength(1))
      await until(async () => {
        await using next = await open(common)
        const later = await sendAll(next.session, keys.map((key) => outgoing(key, { data: '3' })))
        expect(later.every((outcome) => outcome === 'done')).toBe(true)
      }, 40_000)
      reference.disconnect()
      await expect(open({ ...common, mode: 'pubsub', addresses: [broker.addresses[node - 1]!] })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    }))

  it('with Cluster: channels keep their order, and reach whoever listens', () =>
    withBroker('redis-cluster', async (broker) => {
      await using own = await open({ addresses: [broker.address], cluster: true })
      const { texts, onMessage } = inbox()
      await own.session.consume!({ from: 'news.*', group: 'g', maxUnsettled: 1000, onMessage })
      const numbers = Array.from({ length: 300 }, (_, i) => String(i))
      await sendAll(own.session, numbers.map((data) => outgoing('news.a', { data })))
      await until(() => expect(texts()).toEqual(numbers))
    }))

  it('without a cluster says so', () =>
    withBroker('redis', async ({ address }) => {
      await expect(open({ addresses: [address], cluster: true })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: expect.stringContaining('cluster support disabled') as string })
    }))
})

function addressOf(broker: BrokerProcess, node: number): string {
  const [host, port] = broker.address.split(':')
  return `${host}:${Number(port) - 3 + node - 1}` // nodes are before the sentinels
}

describe('options', () => {
  it.each([
    [{ addresses: [] }, 'no addresses'],
    [{ addresses: ['redis://a:1'] }, 'host:port'],
    [{ addresses: ['a:0'] }, 'host:port'],
    [{ db: -1 }, 'db'],
    [{ db: 1, cluster: true }, 'database 0'],
    [{ cluster: true, sentinelName: 'm' }, 'exclude'],
    [{ username: 'a' }, 'password'],
    [{ tls: { cert: 'x' } }, 'certificate and its key'],
    [{ streamMaxLength: 5 }, 'mode stream'],
    [{ mode: 'stream', streamMaxLength: 0 }, 'streamMaxLength'],
    [{ mode: 'list' as 'stream' }, 'pubsub or stream'],
    [{ mode: 'stream', groupStart: 'first' as 'oldest' }, 'oldest or newest'],
    [{ consume: [{ from: 'a' }] }, 'neither headers nor a key'],
    [{ mappings: [{ topic: '*', partition: 1 }] }, 'partitions'],
  ] satisfies [Partial<RedisBridgeOptions>, string][])('%j does not hold: %s', (options, reason) => {
    expect(() => redisBridge({ addresses: ['a'], topics: ['*'], ...options })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(reason) as string }) as Error)
  })

  it('take addresses in all forms', () => {
    for (const addresses of [['a'], ['a:1', '10.0.0.1:2'], ['[::1]:6379', '[::1]']]) expect(redisBridge({ addresses, topics: ['*'] }).name).toBe('redis')
  })
})
