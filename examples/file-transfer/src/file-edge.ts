// Sends and fetches files: an edge, with a progress bar.
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { json, type Edge, type Stream } from '@frontier/edge'
import { pipe } from 'it-pipe'
import { progressBar } from './progress-bar.js'

async function openOrder(edge: Edge, action: 'put' | 'get', name: string): Promise<Stream> {
  return edge.openStream('shelf', { meta: json({ action, name }) })
}

/** Puts a file on the shelf; resolves with its length once the shelf has all of it. */
export async function putFile(edge: Edge, path: string): Promise<number> {
  const { size } = await stat(path)
  const stream = await openOrder(edge, 'put', basename(path))
  const bar = progressBar(`put ${basename(path)}`, size)
  const ticker = setInterval(() => {
    // What the shelf has taken, not what was handed to a socket.
    bar.at(stream.bytesAcked)
  }, 100)
  try {
    await pipe(createReadStream(path), stream.sink.bind(stream))
    for await (const unexpected of stream) throw new Error(`the shelf answered with ${unexpected.length} bytes`)
  } finally {
    clearInterval(ticker)
  }
  bar.at(size)
  bar.end()
  return size
}

/** Fetches a file from the shelf; resolves with its length. */
export async function getFile(edge: Edge, name: string, path: string): Promise<number> {
  const stream = await openOrder(edge, 'get', name)
  const bar = progressBar(`get ${name}`)
  let size = 0
  async function* counted(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of source) {
      size += chunk.length
      bar.at(size)
      yield chunk
    }
  }
  const part = `${path}.${stream.id}.part`
  try {
    // A stream that breaks off fails the pipeline: half a file never gets the name.
    await pipeline(counted(stream.source), createWriteStream(part))
    await rename(part, path)
  } finally {
    await rm(part, { force: true })
  }
  await stream.close()
  bar.end()
  return size
}
