import { afterAll, describe, expect, it } from 'vitest'

import { nsqDriver } from '../src/index.js'
import { deleteTopics, depth, missing, nsqds, openDriver, readBack, uniqueTopic } from './nsq.js'
import { outgoing, tracked } from './pending.js'

if (nsqds.length < 2) it.skip(missing)

describe.runIf(nsqds.length >= 2)('publishing into NSQ', () => {
  afterAll(deleteTopics)
  const addresses = nsqds.slice(0, 1)

  it('has what was acknowledged: the bytes as they are', async () => {
    const topic = uniqueTopic()
    const session = await openDriver({})
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)
    const { message, outcome } = tracked(topic, bytes, { headers: { 'frontier-edge-id': '7' } })
    session.send([message])
    expect(await outcome).toEqual({ how: 'done' })
    expect((await readBack(topic, 1))[0]!.equals(bytes)).toBe(true)
    await session.close(1000)
  })

  it('wraps headers, key and body in JSON when asked to', async () => {
    const topic = uniqueTopic()
    const session = await openDriver({ addresses, envelope: 'json' })
    const headers = { 'frontier-edge-id': '7', 'frontier-meta': Uint8Array.of(0, 255) }
    const all = [tracked(topic, 'héllo "x"\n', { headers }), tracked(topic, Uint8Array.of(255, 0)), tracked(topic, '')]
    session.send(all.map(({ message }) => message))
    for (const { outcome } of all) expect((await outcome).how).toBe('done')
    const got = (await readBack(topic, 3)).map((body) => JSON.parse(body.toString()) as unknown)
    const [first, second, third] = all.map(({ message }) => message.id)
    expect(got).toEqual([
      { id: first, key: '7', headers: { 'frontier-edge-id': '7', 'frontier-meta-base64': 'AP8=' }, encoding: 'utf8', body: 'héllo "x"\n' },
      { id: second, key: '7', headers: {}, encoding: 'base64', body: '/wA=' },
      { id: third, key: '7', headers: {}, encoding: 'utf8', body: '' },
    ])
    await session.close(1000)
  })

  it('publishes 20,000 of several topics, each once', async () => {
    const topics = [uniqueTopic(), uniqueTopic()]
    const session = await openDriver({ addresses })
    const all = Array.from({ length: 20_000 }, (_, at) => tracked(topics[at % 2]!, `${at}`))
    for (let at = 0; at < all.length; at += 512) {
      const part = all.slice(at, at + 512)
      session.send(part.map(({ message }) => message))
      await Promise.all(part.map(({ outcome }) => outcome))
    }
    expect(all.every(({ settled }) => settled() === 1)).toBe(true)
    expect((await Promise.all(all.map(({ outcome }) => outcome))).every(({ how }) => how === 'done')).toBe(true)
    for (const [index, topic] of topics.entries()) {
      const got = (await readBack(topic, 10_000)).map((body) => Number(body.toString())).sort((a, b) => a - b)
      expect(got).toEqual(Array.from({ length: 10_000 }, (_, at) => 2 * at + index))
    }
    await session.close(1000)
  })

  it('uses all nsqds, and one for each key', async () => {
    const topic = uniqueTopic()
    const session = await openDriver({ addresses: nsqds })
    const send = async (keys: readonly string[]) => {
      const all = keys.map((key) => tracked(topic, key, { key }))
      session.send(all.map(({ message }) => message))
      for (const { outcome } of all) expect((await outcome).how).toBe('done')
    }
    const keys = Array.from({ length: 200 }, (_, at) => `${1000 + at}`)
    for (let round = 0; round < 3; round++) await send(keys)
    const [one, two] = await Promise.all(nsqds.slice(0, 2).map((_, at) => depth(topic, at)))
    expect(one! + two!).toBe(600)
    expect(one! % 3).toBe(0)
    expect(Math.min(one!, two!)).toBeGreaterThan(150)
    await session.close(1000)
  })

  it('cuts commands that are longer than nsqd takes', async () => {
    const topic = uniqueTopic()
    const session = await openDriver({ addresses })
    const all = Array.from({ length: 12 }, () => tracked(topic, new Uint8Array(1024 * 1024)))
    session.send(all.map(({ message }) => message))
    for (const { outcome } of all) expect((await outcome).how).toBe('done')
    expect(await depth(topic)).toBe(12)
    await session.close(1000)
  })

  it('learns the limit of an nsqd that takes less than configured: only what is larger fails', async () => {
    const topic = uniqueTopic()
    const driver = nsqDriver({ addresses, maxMessageBytes: 4 * 1024 * 1024 })
    const session = await driver.open({ onLost: () => undefined, onTrouble: () => undefined, onRecovered: () => undefined }, AbortSignal.timeout(5000))
    const [small, large, other] = [tracked(topic), tracked(topic, new Uint8Array(1024 * 1024 + 1)), tracked(topic)]
    session.send([small.message, large.message, other.message])
    // nsqd closes with unread bytes, so that its error may be lost on the way; then all three are lost instead.
    const { how } = await large.outcome
    expect((await small.outcome).how).toBe('lost')
    expect((await other.outcome).how).toBe('lost')
    if (how === 'refused') expect(driver.check(outgoing(topic, new Uint8Array(1024 * 1024 + 1)))?.code).toBe('PAYLOAD_TOO_LARGE')
    else expect(how).toBe('lost')
    await session.close(1000)
  })

  it('sends what is on its way before it closes, and is gone then', async () => {
    const topic = uniqueTopic()
    const session = await openDriver({ addresses })
    const all = Array.from({ length: 500 }, () => tracked(topic))
    session.send(all.map(({ message }) => message))
    await session.close(5000)
    for (const { outcome } of all) expect((await outcome).how).toBe('done')
    expect(await depth(topic)).toBe(500)
    const late = tracked(topic)
    session.send([late.message])
    expect((await late.outcome).how).toBe('lost')
  })
})

describe('what nsqd would close the connection over', () => {
  const check = (target: string, data: string | Uint8Array = 'x', options: object = {}) => nsqDriver({ addresses: ['localhost:4150'], ...options }).check(outgoing(target, data))?.code

  it.each(['a', 'A.b_c-9', 'x'.repeat(64), 'a#ephemeral', `${'x'.repeat(54)}#ephemeral`])('is not the topic %s', (topic) => {
    expect(check(topic)).toBeUndefined()
  })

  it.each(['', 'a b', 'a\nPUB b', 'a\n', 'a\0', 'ä', 'a/b', 'a*', 'a#', '#ephemeral', 'a#ephemeralx', 'x'.repeat(65), `${'x'.repeat(55)}#ephemeral`])('is the topic %j', (topic) => {
    expect(check(topic)).toBe('INVALID_ARGUMENT')
  })

  it('is a message that is empty or too large', () => {
    expect(check('a', '')).toBe('INVALID_ARGUMENT')
    expect(check('a', new Uint8Array(1024 * 1024))).toBeUndefined()
    expect(check('a', new Uint8Array(1024 * 1024 + 1))).toBe('PAYLOAD_TOO_LARGE')
    expect(check('a', '', { envelope: 'json' })).toBeUndefined()
    expect(check('a', '\0'.repeat(200_000), { envelope: 'json' })).toBe('PAYLOAD_TOO_LARGE')
    expect(check('a', 'x'.repeat(200_000), { envelope: 'json' })).toBeUndefined()
  })
})
