import type { UniversalServerResponse } from '@connectrpc/connect/protocol'

import { writeChunk, type HttpResponse } from './http-types.js'

/**
 * Sends what connect made of a call. `isStream`: the headers go out before the first message, so that a client of a quiet stream knows that it is
 * listened to; the ready-made adapter waits for the first message. Rejects when the caller has gone.
 */
export async function sendRpcAnswer(answer: UniversalServerResponse, response: HttpResponse, isStream: boolean): Promise<void> {
  const { status, header, body, trailer } = answer
  const chunks = body?.[Symbol.asyncIterator]()
  try {
    let next = isStream ? undefined : await chunks?.next()
    response.writeHead(status, header === undefined ? {} : headersOf(header))
    // HTTP/2 sends them at once by itself.
    if (isStream && 'flushHeaders' in response) response.flushHeaders()
    next ??= await chunks?.next()
    while (next !== undefined && next.done !== true) {
      await writeChunk(response, next.value)
      next = await chunks?.next()
    }
    if (trailer !== undefined) response.addTrailers(headersOf(trailer))
    response.end()
  } finally {
    await chunks?.return?.()
  }
}

function headersOf(headers: Headers): Record<string, string> {
  return Object.fromEntries(headers)
}
