// One end of streams in a process of its own: an edge or a service that writes and reads as it is told.
import { connectEdge } from '@frontier/edge'
import { connectService, type Stream } from '@frontier/service'
import { blocks, digest } from '../payload.js'
import { delayProxy } from '../delay-proxy.js'
import { serveCommands } from './program.js'

let end: Awaited<ReturnType<typeof connectEdge>> | Awaited<ReturnType<typeof connectService>>
let stream: Stream | undefined
let writtenBytes = 0
let readBytes = 0
let written: Promise<unknown> | undefined

/** Passes on what `source` has, no faster than `bytesPerSecond`. */
async function* paced(source: AsyncIterable<Uint8Array>, bytesPerSecond: number): AsyncGenerator<Uint8Array> {
  const begin = performance.now()
  for await (const chunk of source) {
    yield chunk
    readBytes += chunk.length
    const aheadMs = (readBytes / bytesPerSecond) * 1000 - (performance.now() - begin)
    if (aheadMs > 1) await new Promise((resolve) => setTimeout(resolve, aheadMs))
  }
}

function current(): Stream {
  if (stream === undefined) throw new Error('there is no stream')
  return stream
}

serveCommands({
  /** `oneWayMs`: how far away the gateway is. */
  connect: async ({ role, address, oneWayMs = 0 }: { role: 'edge' | 'service'; address: string; oneWayMs?: number }) => {
    const dialled = oneWayMs === 0 ? address : (await delayProxy(address, oneWayMs)).address
    if (role === 'edge') end = await connectEdge(dialled)
    else end = await connectService(dialled, { name: 'stream-end' })
    end.onStream((opened) => {
      stream = opened
    })
    return String(end.id)
  },
  open: async (edgeId?: string) => {
    if ('name' in end) stream = await end.openStream(BigInt(edgeId!))
    else stream = await end.openStream('stream-end')
  },
  isOpen: () => stream !== undefined,
  /** Begins to write; `written` waits for the end of it. */
  write: ({ bytes, seed }: { bytes: number; seed: number }) => {
    const target = current()
    written = (async () => {
      for (const block of blocks(bytes, seed)) {
        await target.write(block)
        writtenBytes += block.length
      }
      await target.closeWrite()
    })()
    written.catch(() => undefined)
  },
  written: async () => {
    await written
  },
  read: ({ bytesPerSecond = Infinity }: { bytesPerSecond?: number }) => digest(paced(current(), bytesPerSecond)),
  progress: () => ({ writtenBytes, readBytes, ackedBytes: stream?.bytesAcked ?? 0 }),
  /**
   * How fast the other end writes, in bytes a second: the best over `windowMs`, and the mean of all. Goes on until `enough`, but not beyond the end of
   * the stream, which is reset then.
   */
  measure: async ({ windowMs, enough }: { windowMs: number; enough: number }) => {
    const marks: { at: number; bytes: number }[] = []
    let bytes = 0
    let best = 0
    let first = 0
    const begin = performance.now()
    for await (const chunk of current()) {
      bytes += chunk.length
      const at = performance.now()
      marks.push({ at, bytes })
      while (marks[first + 1] !== undefined && marks[first + 1]!.at <= at - windowMs) first++
      const from = marks[first]!
      if (at - from.at >= windowMs) best = Math.max(best, ((bytes - from.bytes) / (at - from.at)) * 1000)
      if (best > enough) break
    }
    return { bytes, best, mean: (bytes / (performance.now() - begin)) * 1000 }
  },
  closed: async () => (await current().closed).code,
})
