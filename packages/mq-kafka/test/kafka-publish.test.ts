import type { IncomingMessage } from '@frontier/mq'
import { Partitioners } from 'kafkajs'
import { afterAll, describe, expect, it } from 'vitest'

import { kafkaDriver } from '../src/index.js'
import { isMissing, openDriver, Other, plain, resources } from './kafka.js'
import { outgoing, tracked, unique, until, type Tracked } from './pending.js'

const outcomes = (sent: readonly Tracked[]) => Promise.all(sent.map(({ outcome }) => outcome))
const codesOf = async (sent: readonly Tracked[]): Promise<string[]> =>
  (await outcomes(sent)).map((outcome) => (outcome.how === 'done' ? 'done' : `${outcome.how} ${outcome.error.code}`))

describe.skipIf(plain === '')(`publishing into Kafka ${plain === '' ? isMissing('KAFKA_BROKERS') : ''}`, () => {
  const other = new Other()
  afterAll(() => other[Symbol.asyncDispose]())

  it('is acknowledged, and read back with its headers and its key', async () => {
    const topic = await other.topic()
    const session = await openDriver()
    const headers = { 'frontier-edge-id': '7', 'frontier-meta': new Uint8Array([0xe2, 0x82, 0xac]) }
    const sent = [tracked(topic, 'hällo', { key: '7', headers }), tracked(topic, '', { key: '' })]
    session.send(sent.map(({ message }) => message))
    expect(await codesOf(sent)).toEqual(['done', 'done'])
    await session.close(5_000)
    expect(await other.read(topic)).toEqual([
      { partition: 0, key: '7', headers: { 'frontier-edge-id': '7', 'frontier-meta': '€' }, data: 'hällo' },
      { partition: 0, key: undefined, headers: {}, data: '' },
    ])
  })

  it("goes to the partition of the mapping, else to that of the key as Java's clients have it", async () => {
    const topic = await other.topic({ numPartitions: 5 })
    const session = await openDriver()
    const keys = ['', '1', '22', '333', '4444', '55555', 'ß', '18446744073709551615']
    const sent = [...keys.map((key) => tracked(topic, key, { key })), tracked(topic, 'mapped', { key: '1', partition: 4 })]
    session.send(sent.map(({ message }) => message))
    expect(await codesOf(sent)).toEqual(sent.map(() => 'done'))
    await session.close(5_000)
    const partitionOf = Partitioners.DefaultPartitioner()
    const partitionMetadata = Array.from({ length: 5 }, (_, partitionId) => ({ partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] }))
    for (const { key, partition, data } of await other.read(topic)) {
      if (data === 'mapped') expect(partition).toBe(4)
      else if (key !== undefined) expect(partition).toBe(partitionOf({ topic, partitionMetadata, message: { key, value: '' } }))
    }
  })

  it('keeps the order of each key over many batches', async () => {
    const topic = await other.topic({ numPartitions: 3 })
    const session = await openDriver()
    const sent = Array.from({ length: 6_000 }, (_, i) => tracked(topic, String(i), { key: String(i % 20) }))
    for (let i = 0; i < sent.length; i += 250) session.send(sent.slice(i, i + 250).map(({ message }) => message))
    expect(new Set(await codesOf(sent))).toEqual(new Set(['done']))
    await session.close(5_000)
    const read = await other.read(topic)
    expect(read).toHaveLength(sent.length)
    const last = new Map<string, number>()
    for (const { key = '', data } of read) {
      expect(Number(data)).toBeGreaterThan(last.get(key) ?? -1)
      last.set(key, Number(data))
    }
  })

  it('is refused where there is no such topic or partition, and others are not held up', async () => {
    const topic = await other.topic()
    const session = await openDriver()
    const sent = [tracked(unique('missing')), tracked(topic, 'a'), tracked(topic, 'b', { partition: 1 }), tracked(topic, 'c'), tracked(unique('missing'))]
    session.send(sent.map(({ message }) => message))
    expect(await codesOf(sent)).toEqual(['refused RECORD_NOT_FOUND', 'done', 'refused INVALID_ARGUMENT', 'done', 'refused RECORD_NOT_FOUND'])
    await session.close(5_000)
  })

  it('creates topics when it is told to', async () => {
    const topic = unique('created')
    other.also(topic)
    const session = await openDriver({ createTopics: true })
    const sent = [tracked(topic, 'first'), tracked(topic, 'second')]
    session.send(sent.map(({ message }) => message))
    expect(await codesOf(sent)).toEqual(['done', 'done'])
    await session.close(5_000)
    expect((await other.read(topic)).map(({ data }) => data)).toEqual(['first', 'second'])
  })

  it('refuses messages of a topic that was deleted meanwhile, and goes on with the others', async () => {
    const [deleted, kept] = [await other.topic(), await other.topic()]
    const session = await openDriver()
    const first = [tracked(deleted), tracked(kept, 'a')]
    session.send(first.map(({ message }) => message))
    expect(await codesOf(first)).toEqual(['done', 'done'])
    await other.admin.deleteTopics({ topics: [deleted] })
    await until(async () => {
      const one = tracked(deleted)
      session.send([one.message])
      return (await codesOf([one]))[0] === 'refused RECORD_NOT_FOUND'
    }, 'the topic is missed')
    const after = [tracked(kept, 'b'), tracked(deleted)]
    session.send(after.map(({ message }) => message))
    expect(await codesOf(after)).toEqual(['done', 'refused RECORD_NOT_FOUND'])
    await session.close(5_000)
    expect((await other.read(kept)).map(({ data }) => data)).toEqual(['a', 'b'])
  })

  it('refuses the message that the broker finds too large, and no other of its batch', async () => {
    const topic = await other.topic({ configEntries: [{ name: 'max.message.bytes', value: '3000' }] })
    const session = await openDriver()
    const sent = ['a', 'b', 'x'.repeat(5_000), 'c', 'y'.repeat(2_000), 'd'].map((data) => tracked(topic, data))
    session.send(sent.map(({ message }) => message))
    expect(await codesOf(sent)).toEqual(['done', 'done', 'refused PAYLOAD_TOO_LARGE', 'done', 'done', 'done'])
    await session.close(5_000)
    expect((await other.read(topic)).map(({ data }) => data[0])).toEqual(['a', 'b', 'c', 'y', 'd'])
  })

  it('sends large messages, each within what a broker takes at once', async () => {
    const topic = await other.topic()
    const session = await openDriver()
    const sent = Array.from({ length: 8 }, (_, i) => tracked(topic, new Uint8Array(400_000).fill(48 + i)))
    session.send(sent.map(({ message }) => message))
    expect(new Set(await codesOf(sent))).toEqual(new Set(['done']))
    await session.close(5_000)
    expect((await other.read(topic)).map(({ data }) => data[0])).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('compresses with %s, which another client reads', async (compression) => {
    const topic = await other.topic()
    const session = await openDriver({ compression })
    const sent = Array.from({ length: 50 }, (_, i) => tracked(topic, `${i} ${'compress me '.repeat(50)}`))
    session.send(sent.map(({ message }) => message))
    expect(new Set(await codesOf(sent))).toEqual(new Set(['done']))
    const seen: string[] = []
    // The driver's consumer has the codecs.
    const onMessage = (message: IncomingMessage): void => {
      seen.push(new TextDecoder().decode(message.data))
      message.ack()
    }
    await session.consume!({ from: topic, group: unique('group'), maxUnsettled: 100, onMessage })
    await until(() => seen.length === 50, 'all are read')
    expect(seen[7]).toBe(`7 ${'compress me '.repeat(50)}`)
    await session.close(5_000)
    const [{ size } = { size: 0 }] = await logSizes(topic)
    expect(Number(size)).toBeLessThan(10_000)
  })

  it.each([
    ['leader', false],
    ['none', false],
    ['all', false],
  ] as const)('with requiredAcks %s, idempotent %s', async (requiredAcks, idempotent) => {
    const topic = await other.topic()
    const session = await openDriver({ requiredAcks, idempotent })
    const sent = Array.from({ length: 20 }, (_, i) => tracked(topic, String(i)))
    session.send(sent.map(({ message }) => message))
    expect(new Set(await codesOf(sent))).toEqual(new Set(['done']))
    await session.close(5_000)
    // With 'none' the broker may still be busy with what it was sent.
    await expect.poll(() => other.read(topic), { timeout: 15_000 }).toHaveLength(20)
  })

  it('checks names and sizes before anything is sent', () => {
    const { check } = kafkaDriver({ addresses: [plain], maxMessageBytes: 1_000 })
    for (const name of ['', '.', '..', 'a b', 'a\nb', 'a/b', 'ä', 'x'.repeat(250)]) expect(check(outgoing(name))?.code).toBe('INVALID_ARGUMENT')
    expect(check(outgoing('a.b_c-D9'))).toBeUndefined()
    expect(check(outgoing('a', new Uint8Array(1_001)))?.code).toBe('PAYLOAD_TOO_LARGE')
    expect(check(outgoing('a', '', { headers: { x: 'y'.repeat(1_000) } }))?.code).toBe('PAYLOAD_TOO_LARGE')
  })

  it('closes only when all that was sent is acknowledged', async () => {
    const topic = await other.topic()
    const session = await openDriver()
    const sent = Array.from({ length: 3_000 }, (_, i) => tracked(topic, String(i)))
    session.send(sent.map(({ message }) => message))
    await session.close(10_000)
    expect(new Set(await codesOf(sent))).toEqual(new Set(['done']))
  })

  it('loses all that is not acknowledged when it is closed at once, and leaves nothing behind', async () => {
    const topic = await other.topic()
    const use = async (): Promise<void> => {
      const session = await openDriver()
      const sent = [tracked(topic), tracked(unique('missing'))]
      session.send(sent.map(({ message }) => message))
      await session.close(0)
      await outcomes(sent)
    }
    await use()
    await until(() => resources() < 100, 'calm')
    const before = resources()
    for (let i = 0; i < 5; i++) await use()
    await until(() => resources() <= before, 'nothing is left')
  })

  it('tries each address, and gives up when it is told to', async () => {
    const session = await openDriver({ addresses: ['127.0.0.1:1', '127.0.0.1:2', plain] })
    await session.close(1_000)
    await expect(openDriver({ addresses: ['127.0.0.1:1'] })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    const before = resources()
    const aborter = new AbortController()
    const events = { onLost: () => undefined, onTrouble: () => undefined, onRecovered: () => undefined }
    const opening = kafkaDriver({ addresses: [plain] }).open(events, aborter.signal)
    aborter.abort()
    await expect(opening).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    await until(() => resources() <= before, 'nothing is left')
  })

  async function logSizes(topic: string): Promise<{ size: string }[]> {
    const ends = await other.admin.fetchTopicOffsets(topic)
    const consumer = other.kafka.consumer({ groupId: unique('size'), maxWaitTimeInMs: 100 })
    const sizes: { size: string }[] = []
    const remove = consumer.on(consumer.events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'Fetch') sizes.push({ size: String(payload.size) })
    })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    let seen = 0
    await consumer.run({
      autoCommit: false,
      eachMessage: async () => {
        seen++
      },
    })
    await until(() => seen >= Number(ends[0]!.high), 'all are fetched')
    remove()
    await consumer.disconnect()
    return sizes.sort((a, b) => Number(b.size) - Number(a.size))
  }
})
