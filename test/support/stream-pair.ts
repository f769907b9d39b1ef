import type { Stream } from '@frontier/edge'
import { trio, type Trio, type TrioOptions } from './trio.js'

/** A stream from an edge to a service, both of its ends. */
export interface StreamPair extends Trio {
  /** The edge's end, which opened it. */
  readonly near: Stream
  /** The service's end, which took it. */
  readonly far: Stream
}

/** The service is named `s` and takes streams by `streams()`. */
export async function streamPair(options: TrioOptions = {}): Promise<StreamPair> {
  const three = await trio({ ...options, service: { ...options.service, name: 's' } })
  const incoming = three.service.streams()[Symbol.asyncIterator]()
  const near = await three.edge.openStream('s', { meta: 'hello' })
  const next = await incoming.next()
  return { ...three, near, far: next.value as Stream }
}

/** All that comes until the end, as one. */
export async function readAll(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** What the next read gives: text, 'end', or the error's code. */
export async function readNext(iterator: AsyncIterator<Uint8Array>): Promise<string> {
  try {
    const { done, value } = await iterator.next()
    return done === true ? 'end' : Buffer.from(value).toString()
  } catch (error) {
    return (error as { code: string }).code
  }
}
