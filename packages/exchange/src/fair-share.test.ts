import { describe, expect, it } from 'vitest'
import { hasRoom, noteQueued } from './fair-share.js'
import { Party } from './party.js'
import type { Peer } from './peer.js'

function queue(): { target: Peer; port: { sentBytes: number; handedBytes: number }; send(source: Party, bytes: number): boolean } {
  const port = { sendControl() {}, sentBytes: 0, handedBytes: 0, queuedBytes: 0 }
  const target = { port, limits: { markBytes: 8000 }, fairShare: undefined } as unknown as Peer
  const send = (source: Party, bytes: number): boolean => {
    const queuedBytes = port.sentBytes - port.handedBytes
    if (queuedBytes > 1000 && !hasRoom(target, source, bytes, 1000)) return false
    port.sentBytes += bytes
    if (target.fairShare !== undefined) noteQueued(target, source, bytes, queuedBytes)
    return true
  }
  return { target, port, send }
}

function party(): Party {
  return new Party({ sendControl() {}, queuedBytes: 0, sentBytes: 0, handedBytes: 0 }, 1)
}

describe('FairShare', () => {
  it('is not there while the queue is short', () => {
    const { target, send } = queue()
    const source = party()
    for (let i = 0; i < 10; i++) expect(send(source, 100)).toBe(true)
    expect(target.fairShare).toBeUndefined()
  })

  it('lets each source have its part, and a source without any have one frame at least', () => {
    const { send } = queue()
    const [greedy, modest, large] = [party(), party(), party()]
    let sent = 0
    while (send(greedy, 100)) sent += 100
    expect(sent).toBeGreaterThanOrEqual(2000)
    expect(sent).toBeLessThanOrEqual(2200)
    for (let i = 0; i < 10; i++) expect(send(modest, 100)).toBe(true)
    expect(send(modest, 100)).toBe(false)
    expect(send(large, 5000)).toBe(true)
    expect(send(large, 1)).toBe(false)
  })

  it('gives room again for what has left', () => {
    const { port, send } = queue()
    const source = party()
    while (send(source, 100));
    // The first 1,000 bytes came before anybody counted.
    port.handedBytes += 1500
    expect(send(source, 100)).toBe(true)
    while (send(source, 100));
    expect(port.sentBytes - port.handedBytes).toBeGreaterThan(1000)
  })

  it('is gone when the queue is short again', () => {
    const { target, port, send } = queue()
    const source = party()
    while (send(source, 100));
    expect(target.fairShare).toBeDefined()
    port.handedBytes = port.sentBytes
    expect(send(source, 100)).toBe(true)
    expect(target.fairShare).toBeUndefined()
  })

  it('keeps up with a queue that never gets short', () => {
    const { port, send } = queue()
    const sources = Array.from({ length: 20 }, party)
    for (let i = 0; i < 100_000; i++) {
      expect(send(sources[i % 20]!, 100)).toBe(true)
      if (port.sentBytes - port.handedBytes > 4000) port.handedBytes += 200
    }
  })
})
