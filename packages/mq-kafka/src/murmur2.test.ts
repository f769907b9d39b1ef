import { Partitioners } from 'kafkajs'
import { describe, expect, it } from 'vitest'

import { murmur2 } from './murmur2.js'

describe('murmur2', () => {
  // From Kafka's own tests (UtilsTest), made positive.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %s', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash & 0x7fffffff)
  })

  it("is that of kafkajs's partitioner", () => {
    const partitionOf = Partitioners.DefaultPartitioner()
    const partitionMetadata = Array.from({ length: 997 }, (_, partitionId) => ({ partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] }))
    for (let i = 0; i < 2_000; i++) {
      const key = `${'é'.repeat(i % 4)}${i * i * 7919}`
      expect(murmur2(Buffer.from(key)) % 997).toBe(partitionOf({ topic: 't', partitionMetadata, message: { key, value: '' } }))
    }
  })
})
