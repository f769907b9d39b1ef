import { encodeYamux, Link, YamuxType } from '@frontier/mux'
import type { BytePipe } from '@frontier/transport'
import { encodeFrame, FrameDecoder, FrameType, readId } from '@frontier/wire'

import { used, type MicroTask } from './micro-task.js'

/** What a socket hands over at once. */
const CHUNK_BYTES = 65_536
/** The bytes of a packet on Ethernet: every chunk cuts a frame. */
const PACKET_BYTES = 1448

const call = encodeFrame({ type: FrameType.CALL, id: 1, budgetMs: 30_000, key: 'echo', data: new Uint8Array(64) })
const data = encodeYamux(YamuxType.DATA, 0, 1, 1024)

const sink = {
  onControlFrame: (bytes: Uint8Array, start: number): void => void (used.sum += readId(bytes, start)),
  onStreamFrame: (_bytes: Uint8Array, start: number): void => void (used.sum += start),
}

/** A chunk full of the frames in turn, and how many there are. */
function chunkOf(...frames: readonly Uint8Array[]): { chunk: Uint8Array; count: number } {
  const chunk = new Uint8Array(CHUNK_BYTES)
  let at = 0
  let count = 0
  for (let next = frames[0]!; at + next.length <= chunk.length; next = frames[count % frames.length]!) {
    chunk.set(next, at)
    at += next.length
    count++
  }
  return { chunk: chunk.slice(0, at), count }
}

/** Cutting what a socket brings into the frames of both lanes; each figure is of one frame. */
export const lanes: readonly MicroTask[] = [
  ['calls of 64 B', chunkOf(call)] as const,
  ['stream frames of 1 KiB', chunkOf(data)] as const,
  ['both in turn', chunkOf(call, data)] as const,
].flatMap(([name, { chunk, count: perRun }]): MicroTask[] => [
  {
    group: 'split the lanes',
    name: `${name}, chunks of 64 KiB`,
    perRun,
    run(count) {
      const decoder = new FrameDecoder(sink)
      for (let i = 0; i < count; i++) decoder.push(chunk)
    },
  },
  {
    group: 'split the lanes',
    name: `${name}, chunks of 1,448 B`,
    perRun,
    run(count) {
      const decoder = new FrameDecoder(sink)
      for (let i = 0; i < count; i++) {
        for (let at = 0; at < chunk.length; at += PACKET_BYTES) decoder.push(chunk.subarray(at, at + PACKET_BYTES))
      }
    },
  },
  {
    group: 'split the lanes',
    name: `${name}, through a link`,
    perRun,
    run(count) {
      const link = quietLink()
      for (let i = 0; i < count; i++) link.onBytes(chunk)
    },
  },
])

/** A link on a pipe that goes nowhere. */
function quietLink(): Link {
  const pipe: BytePipe = {
    remoteAddress: 'memory:micro',
    queuedBytes: 0,
    start: () => undefined,
    write: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    end: () => undefined,
    destroy: () => undefined,
  }
  return new Link(pipe, { ...sink, onWritable: () => undefined, onClosed: () => undefined })
}
