import {
  encodeError,
  encodeFrame,
  FrameType,
  FrontierError,
  parseBody,
  parseKey,
  readBudgetMs,
  readId,
  writeBudgetMs,
  writeId,
  writePeerParts,
} from '@frontier/wire'

import { used, type MicroTask } from './micro-task.js'

const payload = new Uint8Array(64).fill(0x61)
const key = new TextEncoder().encode('echo')
const call = encodeFrame({ type: FrameType.CALL, id: 1, budgetMs: 30_000, key, data: payload })
const error = new FrontierError('EDGE_NOT_ONLINE', 'edge 42 is not online')
const trace = new Uint8Array(26)

/** What one frame costs in the codec. */
export const frames: readonly MicroTask[] = [
  encode('call of 64 B, name as bytes', () => encodeFrame({ type: FrameType.CALL, id: 1, budgetMs: 30_000, key, data: payload })),
  encode('call of 64 B, name as text', () => encodeFrame({ type: FrameType.CALL, id: 1, budgetMs: 30_000, key: 'echo', data: payload })),
  encode('call of 64 B with peer and trace', () => encodeFrame({ type: FrameType.CALL, id: 1, budgetMs: 30_000, peer: 7n, trace, key, data: payload })),
  encode('ack', () => encodeFrame({ type: FrameType.ACK, id: 1 })),
  encode('error', () => encodeError(FrameType.ANSWER, 1, error, true)),
  {
    group: 'one received call',
    name: 'rewrite id, budget and peer, as a gateway does',
    run(count) {
      const rewritten = call.slice()
      for (let i = 0; i < count; i++) {
        writeId(rewritten, 0, (readId(rewritten, 0) + 1) >>> 0)
        writeBudgetMs(rewritten, 0, readBudgetMs(rewritten, 0) - 1)
        writePeerParts(rewritten, 0, 0, 7)
      }
      used.sum += rewritten[3]!
    },
  },
  {
    group: 'one received call',
    name: 'read its key',
    run(count) {
      for (let i = 0; i < count; i++) used.sum += parseKey(call, 0, call.length).length
    },
  },
  {
    group: 'one received call',
    name: 'take its body apart',
    run(count) {
      for (let i = 0; i < count; i++) used.sum += parseBody(call, 0, call.length).data.length
    },
  },
]

function encode(name: string, make: () => Uint8Array): MicroTask {
  return {
    group: 'encode a frame',
    name,
    run(count) {
      for (let i = 0; i < count; i++) used.sum += make().length
    },
  }
}
