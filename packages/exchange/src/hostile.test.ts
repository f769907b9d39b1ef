import { encodeFrame, encodeRawFrame, FrameType, Flag } from '@frontier/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Seen, type TestPeer, World } from '../test/world.js'

// Small numbers everywhere, so that frames meet: the same ids, the same names, the same peers.
const id = fc.oneof({ weight: 8, arbitrary: fc.nat(12) }, { weight: 1, arbitrary: fc.constantFrom(0x7fff_ffff, 0x8000_0001, 0xffff_ffff) })
const peer = fc.oneof(fc.bigInt({ min: 0n, max: 6n }), fc.constant(0xffff_ffff_ffff_ffffn))
const key = fc.constantFrom('', 'm', 't', '*', 's', 'none', 'get_edge_id', 'edge_online', 'k'.repeat(1024))
const flags = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 5, arbitrary: fc.subarray(Object.values(Flag)).map((bits) => bits.reduce((sum, bit) => sum | bit, 0)) }, { weight: 1, arbitrary: fc.nat(0xffff) })
const type = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...Object.values(FrameType).filter((each) => each >= FrameType.CALL && each < FrameType.DATA)) }, { weight: 1, arbitrary: fc.nat(255) })
const budgetMs = fc.constantFrom(0, 1, 1000, 0xffff_ffff)
const size = fc.constantFrom(0, 1, 4, 100, 5000)

const whole = fc
  .record({ type, flags, id, peer, key, budgetMs, size, hasTrace: fc.boolean() })
  .map(({ size: bytes, hasTrace, ...fields }) => encodeFrame({ ...fields, data: new Uint8Array(bytes), ...(hasTrace && { trace: new Uint8Array(26) }) }))
const raw = fc.record({ type, flags, id, peer, budgetMs, body: fc.uint8Array({ maxLength: 12 }) }).map((fields) => encodeRawFrame(fields))
const yamux = fc.record({ kind: fc.nat(4), bits: fc.nat(15), id, length: fc.oneof(fc.nat(50), fc.constantFrom(0xffff_ffff, 300_000)) }).map(({ kind, bits, id: streamId, length }) => {
  const frame = new Uint8Array(12 + (kind === 0 ? Math.min(length, 50) : 0))
  const view = new DataView(frame.buffer)
  view.setUint8(1, kind)
  view.setUint16(2, bits)
  view.setUint32(4, streamId)
  view.setUint32(8, kind === 0 ? frame.length - 12 : length)
  return frame
})
const garbage = fc.uint8Array({ maxLength: 40 })
const frame = fc.oneof({ weight: 6, arbitrary: whole }, { weight: 2, arbitrary: raw }, { weight: 2, arbitrary: yamux }, { weight: 1, arbitrary: garbage })

const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('send' as const), who: fc.nat(5), frames: fc.array(frame, { minLength: 1, maxLength: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), who: fc.nat(5), errs: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(250, 3000, 40_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stick' as const), who: fc.nat(5), isStuck: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(5) }) },
)

/** What a peer has received, looked at as a strict end does: whatever others send, nothing of it may be a reason to close the link. */
class StrictEnd {
  readonly peer: TestPeer
  backlog: Seen[] = []
  readonly #unfinished = new Map<number, string>()

  constructor(peer: TestPeer) {
    this.peer = peer
  }

  /** Takes what came; a malformed body throws in `received`. */
  look(): void {
    for (const seen of this.peer.received) {
      this.backlog.push(seen)
      if (seen.type === 'CANCEL' || seen.type === 'STREAM_RESET') this.#unfinished.delete(seen.id)
      if (seen.type !== 'CALL' && seen.type !== 'MESSAGE' && seen.type !== 'OPEN') continue
      const before = this.#unfinished.get(seen.id)
      expect(before).toBe((seen.flags & Flag.CONT) === 0 ? undefined : seen.type)
      if ((seen.flags & Flag.MORE) === 0) this.#unfinished.delete(seen.id)
      else this.#unfinished.set(seen.id, seen.type)
      expect(seen.bytes.length).toBeLessThanOrEqual(32_768)
    }
  }
}

/** Answers what a peer was asked last, as an honest peer would: so that hostile frames meet requests and streams that live. */
function answerAll(world: World, end: StrictEnd, errs: boolean): void {
  const { peer: each, backlog } = end
  end.backlog = []
  for (const { type: seen, id: seenId, flags: seenFlags } of backlog) {
    if ((seenFlags & Flag.MORE) !== 0) continue
    const error = errs ? { flags: Flag.ERROR, key: 'REMOTE_ERROR' } : {}
    if (seen === 'CALL') each.send({ type: FrameType.ANSWER, id: seenId, ...error })
    else if (seen === 'MESSAGE') each.send({ type: FrameType.ACK, id: seenId, ...error })
    else if (seen === 'OPEN') each.send(errs ? { type: FrameType.REFUSE, id: seenId, ...error } : { type: FrameType.ACCEPT, id: seenId })
  }
  world.endTurn()
}

describe('whatever peers send', () => {
  it('is handled or ends their own link, and leaves nothing behind', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const world = new World({
          maxPayloadBytes: 20_000,
          limits: {
            edge: { markBytes: 20_000, hardMarkBytes: 60_000, maxOwed: 24, maxAsked: 16, maxStreams: 4, maxNames: 4 },
            service: { markBytes: 30_000, hardMarkBytes: 80_000, maxOwed: 32, maxAsked: 16, maxStreams: 4, maxNames: 6 },
          },
        })
        const make = [
          () => world.edge({ id: 1n }),
          () => world.edge({ id: 2n }),
          () => world.edge({ id: 3n }),
          () => world.service('s', ['m', 'get_edge_id'], ['t'], { id: 4n }),
          () => world.service('s', ['m'], ['t', '*'], { id: 5n }),
          () => world.service('', [], ['*'], { id: 6n }),
        ]
        const ends = make.map((connect) => new StrictEnd(connect()))
        const all = ends.map(({ peer: each }) => each)
        for (const next of steps) {
          if (next.kind === 'pass') {
            world.pass(next.ms)
            continue
          }
          const { peer: each } = ends[next.who]!
          const before = world.offline.length
          if (next.kind === 'send') each.send(...next.frames)
          else if (next.kind === 'answer') answerAll(world, ends[next.who]!, next.errs)
          else if (next.kind === 'leave') each.leave()
          else {
            each.pipe.isStuck = next.isStuck
            if (!next.isStuck && !each.pipe.hasEnded) each.pipe.drain()
          }
          for (const end of ends) end.look()
          for (const { peer: gone, code } of world.offline.slice(before)) {
            // Nobody but the sender goes for what was sent, unless somebody does not take what it is sent.
            if (gone !== each.peer) expect(code).toBe('SLOW_CONSUMER')
            const at = ends.findIndex(({ peer: { peer: known } }) => known === gone)
            const next = make[at]!()
            ends[at] = new StrictEnd(next)
            all.push(next)
          }
        }
        for (const { peer: each } of ends) each.leave()
        world.pass(40_000)
        expect(new Set(world.offline.map(({ peer: gone }) => gone)).size).toBe(all.length)
        expect(world.offline.length).toBe(all.length)
        const { exchange } = world
        expect(exchange.pendingCount).toBe(0)
        expect([exchange.methods.size, exchange.topics.size, exchange.names.size, exchange.edges.size, exchange.services.size]).toEqual([0, 0, 0, 0, 0])
        expect(exchange.hookServices('get_edge_id')).toEqual([])
        for (const { peer: each } of all) {
          expect([each.asked, each.held, each.owed, each.firstAsked, each.firstOwed, each.streams, each.slotsById, each.heldBy]).toEqual([0, 0, 0, -1, -1, undefined, undefined, undefined])
        }
      }),
      { numRuns: 400 },
    )
  })
})
