import { create, toJsonString, type DescMessage } from '@bufbuild/protobuf'

import type { Fields } from './dispatcher.js'
import type { Failure } from './failure.js'
import { writeChunk, type HttpResponse } from './http-types.js'
import { envelopeOf, restJsonOptions } from './rest-answer.js'

/** A comment goes out this often when nothing else does: proxies and browsers give up on what is silent. */
const KEEP_ALIVE_MS = 15_000

/**
 * Sends a stream of messages as server-sent events, each as one line of JSON; an error at the end is an event of the type `error` with the usual envelope.
 * Resolves at the end. `first` is the step that was taken already.
 */
export async function sendEventStream(
  response: HttpResponse,
  desc: DescMessage,
  messages: AsyncGenerator<Fields, void>,
  { first, failureOf }: { first: Promise<IteratorResult<Fields, void>>; failureOf: (thrown: unknown) => Failure },
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  const keepAlive = setInterval(() => {
    // Whoever does not take what it has need not be kept awake.
    if (response.writableLength === 0) void writeChunk(response, ': nothing new\n\n').catch(() => undefined)
  }, KEEP_ALIVE_MS).unref()
  try {
    await writeChunk(response, ': watching\n\n')
    for (let step = await first; step.done !== true; step = await messages.next()) {
      await writeChunk(response, `data: ${toJsonString(desc, create(desc, step.value), restJsonOptions)}\n\n`)
    }
  } catch (thrown) {
    await writeChunk(response, `event: error\ndata: ${JSON.stringify(envelopeOf(failureOf(thrown)))}\n\n`).catch(() => undefined)
  } finally {
    clearInterval(keepAlive)
    if (!response.destroyed) response.end()
    await messages.return()
  }
}
