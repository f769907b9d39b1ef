import type { IncomingMessage } from '@frontier/mq'
import type { EachBatchPayload, KafkaMessage } from 'kafkajs'
import { describe, expect, it, vi } from 'vitest'

import { BatchDelivery, Slots } from './batch-delivery.js'
import { Sleeper } from './sleeper.js'

function messageAt(offset: number): KafkaMessage {
  const none = { key: null, attributes: 0, timestamp: '0' }
  return { ...none, offset: String(offset), value: Buffer.from(String(offset)), headers: { 'X-Null': null as unknown as undefined, 'X-Text': Buffer.from('y') } }
}

/** What kafkajs gives to a member, until the group takes the partition away. */
class FakePartition {
  readonly resolved: string[] = []
  isLost = false
  heartbeats = 0
  /** Heartbeats that are answered only once this resolves. */
  silence: Promise<void> | undefined

  payload(messages: readonly KafkaMessage[]): EachBatchPayload {
    const payload: Partial<EachBatchPayload> = {
      batch: { topic: 'topic', partition: 0, messages } as unknown as EachBatchPayload['batch'],
      resolveOffset: (offset) => {
        // kafkajs: 'Cannot set properties of undefined', when it has no partition of the topic any more.
        if (this.isLost) throw new TypeError('lost')
        this.resolved.push(offset)
      },
      heartbeat: async () => {
        this.heartbeats++
        if (this.isLost) throw new Error('REBALANCE_IN_PROGRESS')
        await this.silence
      },
      uncommittedOffsets: () => ({ topics: [] }),
      commitOffsetsIfNecessary: () => Promise.resolve(),
      isRunning: () => true,
      isStale: () => false,
    }
    return payload as EachBatchPayload
  }
}

function deliver(partition: FakePartition, slots: Slots, messages: readonly KafkaMessage[]): { held: IncomingMessage[]; delivery: BatchDelivery; over: Promise<void> } {
  const held: IncomingMessage[] = []
  const delivery = new BatchDelivery(partition.payload(messages), { slots, sleeper: new Sleeper(), onMessage: (message) => held.push(message) })
  return { held, delivery, over: delivery.run() }
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 5 })

describe('the delivery of a batch', () => {
  it('resolves offsets as far as all before them are settled', async () => {
    const partition = new FakePartition()
    const { held, over } = deliver(partition, new Slots(10), [messageAt(7), messageAt(8), messageAt(9)])
    await until(() => expect(held).toHaveLength(3))
    held[1]!.ack()
    expect(partition.resolved).toEqual([])
    held[0]!.ack()
    held[2]!.ack()
    await over
    expect(partition.resolved).toEqual(['8', '9'])
  })

  it('takes back its room from messages that are settled after the partition went to somebody else, and says nothing of their offsets', async () => {
    const partition = new FakePartition()
    const slots = new Slots(2)
    const first = deliver(partition, slots, [messageAt(7), messageAt(8)])
    await until(() => expect(first.held).toHaveLength(2))
    partition.isLost = true
    const ended = expect(first.over).rejects.toThrow('REBALANCE_IN_PROGRESS')
    // What is not settled in the time for that.
    await until(() => expect(partition.heartbeats).toBeGreaterThan(0))
    first.delivery.abandon()
    await ended
    first.held[0]!.ack()
    first.held[1]!.ack()
    partition.isLost = false
    const second = deliver(partition, slots, [messageAt(7), messageAt(8)])
    await until(() => expect(second.held).toHaveLength(2))
    for (const message of second.held) message.ack()
    await second.over
    expect(partition.resolved).toEqual(['7', '8'])
  })

  it('hands out headers that have a value', async () => {
    const { held, over } = deliver(new FakePartition(), new Slots(1), [messageAt(7)])
    await until(() => expect(held).toHaveLength(1))
    expect(held[0]!.headers).toEqual({ 'x-text': Buffer.from('y') })
    held[0]!.ack()
    await over
  })

  it('asks for one heartbeat at a time', async () => {
    const partition = new FakePartition()
    let answer!: () => void
    partition.silence = new Promise((resolve) => (answer = resolve))
    vi.useFakeTimers({ toFake: ['setInterval'] })
    const { held, over } = deliver(partition, new Slots(1), [messageAt(7)])
    vi.advanceTimersByTime(10_000)
    vi.useRealTimers()
    await until(() => expect(held).toHaveLength(1))
    expect(partition.heartbeats).toBe(1)
    answer()
    held[0]!.ack()
    await over
  })
})
