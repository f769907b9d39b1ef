import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

/** A request over HTTP/1.1 or HTTP/2. */
export type HttpRequest = IncomingMessage | Http2ServerRequest

/** An answer over HTTP/1.1 or HTTP/2. */
export type HttpResponse = ServerResponse | Http2ServerResponse

/** Takes one request, and answers it. Must not throw. */
export type HttpHandler = (request: HttpRequest, response: HttpResponse) => void

/** The path of `request`, without its query. */
export function pathOf(request: HttpRequest): string {
  return (request.url ?? '').split('?', 1)[0]!
}

/** How long somebody may take nothing of what waits for it. */
const STALL_MS = 60_000

/** Writes as much as there is room for; resolves when there is room again, and rejects when the other side has gone, or takes nothing for a minute. */
export function writeChunk(response: HttpResponse, chunk: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (response.destroyed || response.writableEnded) {
      reject(new Error('the response is closed'))
      return
    }
    if ((response as NodeJS.WritableStream).write(chunk)) {
      resolve()
      return
    }
    const stall = setTimeout(() => response.destroy(), STALL_MS).unref()
    const settle = (): void => {
      clearTimeout(stall)
      response.off('drain', settle)
      response.off('close', settle)
      response.off('error', settle)
      if (response.destroyed) reject(new Error('the response is closed'))
      else resolve()
    }
    response.once('drain', settle)
    response.once('close', settle)
    response.once('error', settle)
  })
}

/** Gives what was written to the end a minute to be taken: whoever takes nothing would have it kept for ever. */
export function cutOffWhenStalled(response: HttpResponse): void {
  if (response.writableFinished || response.destroyed) return
  const stall = setTimeout(() => response.destroy(), STALL_MS).unref()
  const settle = (): void => clearTimeout(stall)
  response.once('finish', settle)
  response.once('close', settle)
}
