import type { IncomingMessage, SessionEvents } from '@frontier/mq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { missing, startBroker, type BrokerProcess } from '../../../test/brokers/brokers.mjs'
import type { KafkaBridgeOptions } from '../src/index.js'
import { openDriver, Other } from './kafka.js'
import { told, tracked, unique, until, type Outcome } from './pending.js'

const KEYS = 20

/** Sends so many messages, some at a time, and calls `midway` when a third is acknowledged. */
async function sendThrough(send: (batch: ReturnType<typeof tracked>['message'][]) => void, topic: string, total: number, midway: () => Promise<void>): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  let next = 0
  let disturbance: Promise<void> | undefined
  const worker = async (): Promise<void> => {
    while (next < total) {
      const batch = Array.from({ length: Math.min(50, total - next) }, () => {
        const index = next++
        return { data: String(index), ...tracked(topic, String(index), { key: String(index % KEYS) }) }
      })
      send(batch.map(({ message }) => message))
      await Promise.all(batch.map(async ({ data, outcome }) => outcomes.set(data, await outcome)))
      if (outcomes.size > total / 3) disturbance ??= midway()
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  await disturbance
  return outcomes
}

function disorder(read: readonly { key: string | undefined; data: string }[]): number {
  const last = new Map<string, number>()
  return read.filter(({ key = '', data }) => {
    const isLate = Number(data) < (last.get(key) ?? -1)
    last.set(key, Number(data))
    return isLate
  }).length
}

const why = missing('kafka')

describe.skipIf(why !== undefined)(`Kafka that goes and comes${why === undefined ? '' : ` (skipped: ${why})`}`, { timeout: 120_000 }, () => {
  let broker: BrokerProcess
  let other: Other
  const open = (options: Partial<KafkaBridgeOptions> = {}, events: SessionEvents = told()) => openDriver({ addresses: [broker.address], ...options }, events)

  beforeAll(async () => {
    broker = await startBroker('kafka')
    other = new Other(broker.address)
  }, 60_000)
  afterAll(async () => {
    await other[Symbol.asyncDispose]()
    await broker.stop()
  })

  it.each([
    ['killed', () => broker.kill()],
    ['stopped', () => broker.terminate()],
  ])('has what was acknowledged once, in order, when it is %s in mid-flow', async (_how, end) => {
    const topic = await other.topic({ numPartitions: 3 })
    const events = told()
    const session = await open({}, events)
    const outcomes = await sendThrough((batch) => session.send(batch), topic, 6_000, async () => {
      await end()
      await until(() => events.troubles.length > 0, 'trouble is told')
      await broker.restart()
    })
    expect([...outcomes.values()].every(({ how }) => how === 'done')).toBe(true)
    expect(events).toMatchObject({ lost: [], recovered: 1 })
    await session.close(5_000)
    const read = await other.read(topic)
    expect(read).toHaveLength(6_000)
    expect(new Set(read.map(({ data }) => data)).size).toBe(6_000)
    expect(disorder(read)).toBe(0)
  })

  it('has what was acknowledged once, when a batch was given up in doubt', async () => {
    const topic = await other.topic()
    const session = await open({ retry: { max: 1 }, timeoutMs: 1_000 })
    const outcomes = await sendThrough((batch) => session.send(batch), topic, 3_000, async () => {
      await broker.kill()
      await broker.restart()
    })
    await session.close(5_000)
    const read = (await other.read(topic)).map(({ data }) => data)
    expect(new Set(read).size).toBe(read.length)
    const acked = [...outcomes].filter(([, { how }]) => how === 'done').map(([data]) => data)
    expect(acked.length).toBeGreaterThan(1_000)
    expect(acked.filter((data) => !read.includes(data))).toEqual([])
  })

  it('is waited for when it hangs', async () => {
    const topic = await other.topic()
    const events = told()
    const session = await open({ timeoutMs: 1_000 }, events)
    const outcomes = await sendThrough((batch) => session.send(batch), topic, 3_000, async () => {
      await broker.pause()
      await until(() => events.troubles.length > 0, 'trouble is told')
      await broker.resume()
    })
    expect([...outcomes.values()].every(({ how }) => how === 'done')).toBe(true)
    await session.close(5_000)
    const read = await other.read(topic)
    expect([read.length, new Set(read.map(({ data }) => data)).size, disorder(read)]).toEqual([3_000, 3_000, 0])
  })

  it('is missed by a session that sends nothing, and found again; consumers go on', async () => {
    const topic = await other.topic()
    const events = told()
    const session = await open({}, events)
    const seen: string[] = []
    const onMessage = (message: IncomingMessage): void => {
      seen.push(new TextDecoder().decode(message.data))
      message.ack()
    }
    await session.consume!({ from: topic, group: unique('group'), maxUnsettled: 10, onMessage })
    await broker.kill()
    await until(() => events.troubles.length > 0, 'trouble is told')
    await broker.restart()
    await until(() => events.recovered > 0, 'it is told that it is back')
    const { message, outcome } = tracked(topic, 'after')
    session.send([message])
    expect(await outcome).toEqual({ how: 'done' })
    await until(() => seen.includes('after'), 'it is consumed', 60_000)
    await session.close(5_000)
  })

  it('gives up at once when it is closed meanwhile', async () => {
    const topic = await other.topic()
    const session = await open()
    await broker.kill()
    const { message, outcome } = tracked(topic)
    session.send([message])
    await session.close(100)
    expect(await outcome).toMatchObject({ how: 'lost' })
    await broker.restart()
  })
})
