import { FrameType } from '@frontier/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PendingRequest } from './pending-request.js'
import { RequestQueue } from './request-queue.js'

const owner = { onRequestDeadline: (): void => undefined, onRequestAborted: (): void => undefined }

function request(peer: bigint, type: number = FrameType.CALL): PendingRequest {
  return new PendingRequest(owner, { type, flags: 0, peer }, Infinity, undefined)
}

/** A queue whose gate keeps what it is given. */
function queueWith(limits: { maxInFlight: number; maxInFlightPerPeer: number }): { queue: RequestQueue; gate: { isOpen: boolean; bulkWritable: boolean }; sent: PendingRequest[] } {
  const sent: PendingRequest[] = []
  const gate = { isOpen: true, bulkWritable: true, transmit: (one: PendingRequest) => void sent.push(one) }
  return { queue: new RequestQueue(gate, limits), gate, sent }
}

describe('the order of requests', () => {
  it('lets as many wait as may be in flight, and refuses the next at once', () => {
    const { queue, sent } = queueWith({ maxInFlight: 3, maxInFlightPerPeer: Infinity })
    const accepted = Array.from({ length: 7 }, (_, i) => queue.submit(request(BigInt(i % 2))))
    expect(accepted).toEqual([true, true, true, true, true, true, false])
    expect([sent.length, queue.inFlight, queue.waiting]).toEqual([3, 3, 3])
  })

  it('does not let one busy peer hold up the others, nor take their places', () => {
    const { queue, sent } = queueWith({ maxInFlight: 100, maxInFlightPerPeer: 2 })
    const busy = Array.from({ length: 5 }, () => queue.submit(request(1n)))
    expect(busy).toEqual([true, true, true, true, false])
    expect(queue.submit(request(2n))).toBe(true)
    expect(sent.map((one) => one.peer)).toEqual([1n, 1n, 2n])
    queue.release(sent[0]!)
    expect(sent.map((one) => one.peer)).toEqual([1n, 1n, 2n, 1n])
  })

  it('gives peers turns when all places are taken', () => {
    const { queue, sent } = queueWith({ maxInFlight: 4, maxInFlightPerPeer: 4 })
    for (let i = 0; i < 6; i++) queue.submit(request(1n))
    for (let i = 0; i < 2; i++) queue.submit(request(2n))
    for (const one of sent.slice(0, 4)) queue.release(one)
    expect(sent.slice(4).map((one) => one.peer)).toEqual([1n, 2n, 1n, 2n])
  })

  it('keeps what it knows of some peers without requests, and of all that have some', () => {
    const { queue, sent } = queueWith({ maxInFlight: 10_000, maxInFlightPerPeer: 10 })
    const peers = Array.from({ length: 5000 }, (_, i) => BigInt(i + 1))
    for (const peer of peers) queue.submit(request(peer))
    const isKept = (peer: bigint): boolean => queue.baseDelayOf(peer) === queue.baseDelayOf(peer)
    for (const one of sent.slice(100)) queue.release(one)
    const kept = peers.filter(isKept)
    expect(kept.slice(0, 100)).toEqual(peers.slice(0, 100))
    expect(kept.length).toBeLessThanOrEqual(100 + 1024)
  })

  it('keeps the order per peer and the limits, whatever comes and goes', () => {
    const step = fc.record({ kind: fc.constantFrom('submit', 'release', 'remove', 'resend', 'gate'), peer: fc.bigInt(0n, 3n), at: fc.nat(30), isPublish: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), (steps, maxInFlight, maxInFlightPerPeer) => {
        const { queue, gate, sent } = queueWith({ maxInFlight, maxInFlightPerPeer })
        const waiting = new Set<PendingRequest>()
        const inFlight: PendingRequest[] = []
        let seen = 0
        for (const { kind, peer, at, isPublish } of steps) {
          if (kind === 'submit') {
            const one = request(peer, isPublish ? FrameType.MESSAGE : FrameType.CALL)
            if (queue.submit(one)) waiting.add(one)
          } else if (kind === 'gate') {
            gate.isOpen = at % 2 === 0
            queue.onWritable()
          } else if (kind === 'remove') {
            const one = [...waiting][at]
            if (one === undefined) continue
            waiting.delete(one)
            queue.remove(one)
          } else {
            const [one] = inFlight.splice(at % Math.max(1, inFlight.length), 1)
            if (one === undefined) continue
            if (kind === 'release') queue.release(one)
            else {
              waiting.add(one)
              queue.resend(one)
            }
          }
          for (const one of sent.slice(seen)) {
            expect(waiting.delete(one)).toBe(true)
            // Nobody of the same peer who was there before still waits.
            for (const other of waiting) if (other.peer === one.peer) expect(other.order).toBeGreaterThan(one.order)
            inFlight.push(one)
          }
          seen = sent.length
          expect([queue.inFlight, queue.waiting]).toEqual([inFlight.length, waiting.size])
          expect(inFlight.length).toBeLessThanOrEqual(maxInFlight)
          for (const one of inFlight) expect(inFlight.filter((other) => other.peer === one.peer).length).toBeLessThanOrEqual(maxInFlightPerPeer)
          expect(queue.listWaiting().length).toBe(waiting.size)
        }
        // Nobody is forgotten.
        gate.isOpen = true
        queue.onWritable()
        for (;;) {
          inFlight.push(...sent.slice(seen))
          for (const one of sent.slice(seen)) waiting.delete(one)
          seen = sent.length
          const one = inFlight.shift()
          if (one === undefined) break
          queue.release(one)
        }
        expect([queue.inFlight, queue.waiting, waiting.size]).toEqual([0, 0, 0])
      }),
      { numRuns: 300 },
    )
  })
})
