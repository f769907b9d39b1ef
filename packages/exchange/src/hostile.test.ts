import { encodeFrame, encodeRawFrame, FrameType, Flag } from '@frontier/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Seen, type TestPeer, World } from '../test/world.js'

const { CALL, ANSWER, CANCEL, MESSAGE, ACK, PROGRESS, REGISTER, UNREGISTER, OPEN, ACCEPT, REFUSE, STREAM_RESET } = FrameType
const { MORE, CONT, ERROR, NO_ACK, REPLY, TOPIC } = Flag

// Small numbers everywhere, so that frames meet: the same ids, the same names, the same peers.
const id = fc.integer({ min: 1, max: 12 })
const peer = fc.bigInt({ min: 1n, max: 3n })
const key = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('m', 't') }, { weight: 1, arbitrary: fc.constantFrom('', '*', 's', 'none', 'get_edge_id', 'k'.repeat(1024)) })
const budgetMs = fc.constantFrom(0, 1000, 30_000, 0xffff_ffff)
const size = fc.constantFrom(0, 4, 100, 5000)
const flagsOf = (...bits: number[]): fc.Arbitrary<number> => fc.subarray(bits).map((some) => some.reduce((sum, bit) => sum | bit, 0))

/** Bodies that are wrong behind a key that is right, and one whose key is. */
const badBody = fc.constantFrom([0, 1, 0x6d, 0, 0, 1, 0], [0, 1, 0x74, 0xff, 0xff, 0xff, 0xff], [0, 1, 0x6d, 0], [0, 1, 0x6d], [0, 9, 0x6d], [0]).map((body) => Uint8Array.from(body))

const request = fc
  .record({ type: fc.constantFrom(CALL, CALL, MESSAGE), flags: flagsOf(MORE, CONT, NO_ACK), id, peer, key, budgetMs, size, hasTrace: fc.boolean() })
  .map(({ size: bytes, hasTrace, ...fields }) => {
    const trace = hasTrace ? { trace: new Uint8Array(26) } : {}
    return (fields.flags & CONT) !== 0 ? encodeRawFrame({ ...fields, ...trace, body: new Uint8Array(bytes) }) : encodeFrame({ ...fields, ...trace, data: new Uint8Array(bytes) })
  })
const control = fc
  .record({ type: fc.constantFrom(CANCEL, ANSWER, ACK, REGISTER, UNREGISTER, ACCEPT, REFUSE, STREAM_RESET), id, key, flags: flagsOf(ERROR, TOPIC) })
  .map(({ flags, type, ...fields }) => encodeFrame({ ...fields, type, flags: type === REGISTER || type === UNREGISTER ? flags & TOPIC : flags }))
const progress = fc.record({ flags: flagsOf(REPLY), id }).map((fields) => encodeRawFrame({ type: PROGRESS, ...fields, body: new Uint8Array(4) }))
const open = fc
  .record({ flags: flagsOf(MORE, CONT), id: id.map((any) => any * 2 + 1), peer, size, budgetMs })
  .map(({ size: bytes, ...fields }) => ((fields.flags & CONT) !== 0 ? encodeRawFrame({ type: OPEN, ...fields, body: new Uint8Array(bytes) }) : encodeFrame({ type: OPEN, key: 's', ...fields, meta: new Uint8Array(bytes) })))
const yamux = fc
  .record({ kind: fc.constantFrom(0, 0, 1), bits: flagsOf(1, 2, 4, 8), id: fc.integer({ min: 1, max: 26 }), length: fc.oneof({ weight: 6, arbitrary: fc.nat(50) }, { weight: 1, arbitrary: fc.constant(0xffff_ffff) }) })
  .map(({ kind, bits, id: streamId, length }) => {
    const frame = new Uint8Array(12 + (kind === 0 ? Math.min(length, 500) : 0))
    const view = new DataView(frame.buffer)
    view.setUint8(1, kind)
    view.setUint16(2, bits)
    view.setUint32(4, streamId)
    view.setUint32(8, kind === 0 ? frame.length - 12 : length)
    return frame
  })
const malformed = fc.record({ type: fc.constantFrom(...Object.values(FrameType)), flags: flagsOf(...Object.values(Flag)), id, peer, body: badBody }).map((fields) => encodeRawFrame(fields))
const any = fc.record({ type: fc.nat(255), flags: fc.nat(0xffff), id: fc.nat(0xffff_ffff), key, size }).map(({ size: bytes, ...fields }) => encodeFrame({ ...fields, data: new Uint8Array(bytes) }))
const garbage = fc.uint8Array({ minLength: 1, maxLength: 40 })
const frame = fc.oneof(
  { weight: 30, arbitrary: request },
  { weight: 10, arbitrary: control },
  { weight: 4, arbitrary: progress },
  { weight: 10, arbitrary: open },
  { weight: 10, arbitrary: yamux },
  { weight: 2, arbitrary: malformed },
  { weight: 1, arbitrary: any },
  { weight: 1, arbitrary: garbage },
)

const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('send' as const), who: fc.nat(5), frames: fc.array(frame, { minLength: 1, maxLength: 4 }) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('answer' as const), who: fc.nat(5), how: fc.constantFrom('well', 'well', 'error', 'wrong') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(250, 3000, 40_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stick' as const), who: fc.nat(5), isStuck: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(5) }) },
)

/** What a peer has received, looked at as a strict end does: whatever others send, nothing of it may be a reason to close the link. */
class StrictEnd {
  readonly peer: TestPeer
  backlog: Seen[] = []
  readonly #unfinished = new Map<string, string>()

  constructor(peer: TestPeer) {
    this.peer = peer
  }

  /** Takes what came; a malformed body throws in `received`. */
  look(): void {
    for (const seen of this.peer.received) {
      this.backlog.push(seen)
      if (seen.type === 'CANCEL') this.#unfinished.delete(`request ${seen.id}`)
      if (seen.type === 'STREAM_RESET') this.#unfinished.delete(`stream ${seen.id}`)
      if (seen.type === 'REFUSE') expect(seen.flags & ERROR).toBe(ERROR)
      if (seen.type !== 'CALL' && seen.type !== 'MESSAGE' && seen.type !== 'OPEN') continue
      const name = `${seen.type === 'OPEN' ? 'stream' : 'request'} ${seen.id}`
      const before = this.#unfinished.get(name)
      expect(before).toBe((seen.flags & Flag.CONT) === 0 ? undefined : seen.type)
      if ((seen.flags & Flag.MORE) === 0) this.#unfinished.delete(name)
      else this.#unfinished.set(name, seen.type)
      expect(seen.bytes.length).toBeLessThanOrEqual(32_768)
    }
  }
}

/** Answers what a peer was asked last, well, with errors, or with what no end may take: so that frames meet requests and streams that live. */
function answerAll(world: World, end: StrictEnd, how: string): void {
  const { peer: each, backlog } = end
  end.backlog = []
  const error = how === 'error' ? { flags: ERROR | Flag.GATEWAY, key: 'REMOTE_ERROR' } : {}
  for (const { type, id: seenId, flags } of backlog) {
    if ((flags & MORE) !== 0) continue
    const answers = { CALL: ANSWER, MESSAGE: ACK, OPEN: how === 'well' ? ACCEPT : REFUSE }
    const answer = answers[type as keyof typeof answers] as number | undefined
    if (answer === undefined) continue
    if (how === 'wrong') each.send(seenId % 2 === 0 ? encodeRawFrame({ type: answer, id: seenId, body: Uint8Array.of(0, 1, 9) }) : { type: answer, id: seenId, flags: CONT })
    else each.send({ type: answer, id: seenId, ...error })
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
          else if (next.kind === 'answer') answerAll(world, ends[next.who]!, next.how)
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
