// What one frame costs in the codec. Run: npx vitest bench bench/micro/wire.bench.ts
import { bench, describe } from 'vitest'

import {
  encodeError,
  encodeFrame,
  Flag,
  FrameDecoder,
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

const payload = new Uint8Array(64).fill(0x61)
const key = new TextEncoder().encode('echo')
const call = encodeFrame({ type: FrameType.CALL, id: 1, budgetMs: 30_000, key, data: payload })
const error = new FrontierError('EDGE_NOT_ONLINE', 'edge 42 is not online')
const trace = new Uint8Array(26)

/** As many whole calls as a socket hands over at once. */
const framesPerChunk = 600
const chunk = new Uint8Array(call.length * framesPerChunk)
for (let index = 0; index < framesPerChunk; index++) chunk.set(call, index * call.length)

let sum = 0
const sink = {
  onControlFrame: (bytes: Uint8Array, start: number) => void (sum += readId(bytes, start)),
  onStreamFrame: () => undefined,
}

describe('encode a frame', () => {
  bench(
    'call of 64 B, name as bytes',
    () => void encodeFrame({ type: FrameType.CALL, id: 1, budgetMs: 30_000, key, data: payload }),
  )
  bench(
    'call of 64 B, name as text',
    () => void encodeFrame({ type: FrameType.CALL, id: 1, budgetMs: 30_000, key: 'echo', data: payload }),
  )
  bench(
    'call of 64 B with peer and trace',
    () => void encodeFrame({ type: FrameType.CALL, id: 1, budgetMs: 30_000, peer: 7n, trace, key, data: payload }),
  )
  bench('ack', () => void encodeFrame({ type: FrameType.ACK, id: 1 }))
  bench('error', () => void encodeError(FrameType.ANSWER, 1, error, true))
})

describe(`decode a chunk of ${framesPerChunk} calls of 64 B`, () => {
  bench('whole frames', () => {
    new FrameDecoder(sink).push(chunk)
  })
  bench('in chunks of 1,448 B, every one of which cuts a frame', () => {
    const decoder = new FrameDecoder(sink)
    for (let at = 0; at < chunk.length; at += 1448) decoder.push(chunk.subarray(at, at + 1448))
  })
})

describe('one received frame', () => {
  const rewritten = call.slice()
  bench('rewrite id, budget and peer, as a gateway does', () => {
    writeId(rewritten, 0, (readId(rewritten, 0) + 1) >>> 0)
    writeBudgetMs(rewritten, 0, readBudgetMs(rewritten, 0) - 1)
    writePeerParts(rewritten, 0, 0, 7)
    sum += rewritten[3]! & Flag.MORE
  })
  bench('read its key', () => void (sum += parseKey(call, 0, call.length).length))
  bench('take its body apart', () => void (sum += parseBody(call, 0, call.length).data.length))
})
