import type { DescMethod, DescMethodBiDiStreaming, DescMethodServerStreaming, DescMethodUnary } from '@bufbuild/protobuf'
import { createContextValues, createConnectRouter, type ConnectRouter, type HandlerContext } from '@connectrpc/connect'
import { compressionBrotli, compressionGzip, universalRequestFromNodeRequest } from '@connectrpc/connect-node'
import { FrontierError } from '@frontier/wire'

import { remotePeerKey, remotePeerOf } from './caller.js'
import type { Caller, Dispatcher, Fields } from './dispatcher.js'
import { pathOf, type HttpHandler, type HttpRequest, type HttpResponse } from './http-types.js'
import type { ControlPlaneLogger } from './logger.js'
import { fullName } from './method-rights.js'
import { isForeignPage } from './page-guard.js'
import { sendFailure } from './rest-answer.js'
import { sendRpcAnswer } from './rpc-answer.js'
import { withoutBody } from './without-body.js'

/** What {@link createRpcHandler} needs. */
export interface RpcHandlerOptions {
  dispatcher: Dispatcher
  logger: ControlPlaneLogger
  /** Longest message taken. */
  maxBodyBytes: number
  /** Ends all streams. */
  shutdownSignal: AbortSignal
}

/** Takes a request when it is one of gRPC, gRPC-Web or Connect for a method that there is; false = it is not. */
export type RpcHandler = (request: HttpRequest, response: HttpResponse) => boolean

/** Answers gRPC, gRPC-Web and Connect. */
export function createRpcHandler(options: RpcHandlerOptions): RpcHandler {
  const { dispatcher, logger, maxBodyBytes, shutdownSignal } = options
  const router = createConnectRouter({
    readMaxBytes: maxBodyBytes,
    shutdownSignal,
    acceptCompression: [compressionGzip, compressionBrotli],
    // As over REST: the names of the .proto files, and nothing left out. Clients take both forms.
    jsonOptions: { alwaysEmitImplicit: true, useProtoFieldName: true },
  })
  for (const { service } of dispatcher.services) for (const method of service.methods) addRoute(router, dispatcher, method)
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]))

  return (request, response) => {
    const handler = handlers.get(pathOf(request))
    if (handler === undefined) return false
    const peer = remotePeerOf(request)
    if (dispatcher.isOpen && isForeignPage(request, true)) {
      refusePage(dispatcher, handler.method, request, response)
      return true
    }
    const context = createContextValues().set(remotePeerKey, peer)
    const universal = universalRequestFromNodeRequest(request, response, undefined, context)
    const isKnown = dispatcher.isKnown(handler.method, { identity: peer.identity, authorization: request.headers.authorization })
    // Nobody has to be known to send megabytes, else.
    handler(isKnown ? universal : withoutBody(universal))
      .then((answer) => sendRpcAnswer(answer, response, handler.method.methodKind !== 'unary'))
      .catch((error: unknown) => {
        // The caller has gone: there is nobody left to tell.
        logger.debug({ error, method: fullName(handler.method) }, 'an answer could not be sent')
        response.destroy()
      })
    return true
  }
}

/** Answers a gRPC request for a method that there is not, as gRPC wants it told. */
export const answerUnimplemented: HttpHandler = (request, response) => {
  response.writeHead(200, {
    'content-type': request.headers['content-type'] ?? 'application/grpc',
    'grpc-status': '12',
    'grpc-message': 'unknown method',
  })
  response.end()
}

/** Browsers ask first before they send RPC to another origin, and get no answer to that: what comes is of a name that was made to lead here. */
function refusePage(dispatcher: Dispatcher, method: DescMethod, request: HttpRequest, response: HttpResponse): void {
  const thrown = new FrontierError('PERMISSION_DENIED', 'pages of other origins may not change anything')
  const caller = { ...remotePeerOf(request), authorization: undefined, protocol: 'rpc', signal: AbortSignal.abort(), timeoutMs: undefined }
  void dispatcher.refused(method, {}, caller, thrown).then(() => sendFailure(request, response, dispatcher.failure(thrown, method)))
}

function addRoute(router: ConnectRouter, dispatcher: Dispatcher, method: DescMethod): void {
  switch (method.methodKind) {
    case 'unary':
      router.rpc(method as DescMethodUnary, async (request, context) => {
        try {
          return await dispatcher.answer(method, request, callerOf(context))
        } catch (thrown) {
          throw dispatcher.connectError(thrown, method)
        }
      })
      break
    case 'server_streaming':
      router.rpc(method as DescMethodServerStreaming, (request, context) => stream(dispatcher, method, request, context))
      break
    case 'bidi_streaming':
      router.rpc(method as DescMethodBiDiStreaming, (requests, context) => stream(dispatcher, method, requests, context))
      break
    case 'client_streaming':
      throw new Error(`${fullName(method)}: no method of ours takes a stream and gives one answer`)
  }
}

async function* stream(dispatcher: Dispatcher, method: DescMethod, request: unknown, context: HandlerContext): AsyncGenerator<Fields> {
  try {
    yield* dispatcher.stream(method, request, callerOf(context))
  } catch (thrown) {
    throw dispatcher.connectError(thrown, method)
  }
}

function callerOf(context: HandlerContext): Caller {
  const { address, identity } = context.values.get(remotePeerKey)
  const authorization = context.requestHeader.get('authorization') ?? undefined
  return { address, identity, authorization, protocol: context.protocolName, signal: context.signal, timeoutMs: context.timeoutMs() }
}
