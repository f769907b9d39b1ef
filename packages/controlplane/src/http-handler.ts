import type { HttpHandler, HttpRequest, HttpResponse } from './http-types.js'
import type { ControlPlaneLogger } from './logger.js'
import { sendAnswer } from './rest-answer.js'
import { answerUnimplemented, type RpcHandler } from './rpc-handler.js'

/** Reflection is a conversation: it may take so many times as long as a request. Tools begin anew. */
const REFLECTION_TIMES = 10

/** What {@link createHttpHandler} puts together. */
export interface HttpHandlerOptions {
  rpc: RpcHandler
  rest: HttpHandler
  /** From the first to the last byte of a request over HTTP/2, in milliseconds; HTTP/1.1 has a limit of its own. */
  requestTimeoutMs: number
  logger: ControlPlaneLogger
}

/** The one handler of the port: gRPC, gRPC-Web and Connect by their paths, and REST for the rest. */
export function createHttpHandler({ rpc, rest, requestTimeoutMs, logger }: HttpHandlerOptions): HttpHandler {
  return (request, response) => {
    // Whoever goes away in the middle is no fault.
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    try {
      if (request.url?.startsWith('/') !== true) {
        refuse(request, response, 'the request target is not a path')
      } else if (!rpc(request, response)) {
        limitBody(request, response, requestTimeoutMs)
        if (request.headers['content-type']?.startsWith('application/grpc') === true) answerUnimplemented(request, response)
        else rest(request, response)
      } else {
        limitBody(request, response, request.url.includes('ServerReflection') ? REFLECTION_TIMES * requestTimeoutMs : requestTimeoutMs)
      }
    } catch (error) {
      // A Host header that is none, for example: it must not reach the process.
      logger.debug({ error }, 'a request could not be taken')
      refuse(request, response, 'the request is malformed')
    }
  }
}

/** A body that does not come to its end takes a place for ever: HTTP/1.1 servers look after that, HTTP/2 ones do not. */
function limitBody(request: HttpRequest, response: HttpResponse, timeoutMs: number): void {
  if (request.httpVersionMajor < 2 || request.complete) return
  const timer = setTimeout(() => {
    if (!request.complete) response.destroy()
  }, timeoutMs).unref()
  const stop = (): void => clearTimeout(timer)
  request.once('end', stop)
  response.once('close', stop)
}

function refuse(request: HttpRequest, response: HttpResponse, message: string): void {
  const body = JSON.stringify({ code: 400, reason: 'CODEC', message, metadata: {} })
  sendAnswer(request, response, { status: 400, headers: { 'content-type': 'application/json' }, body })
}
