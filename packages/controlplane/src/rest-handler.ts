import { create, type Message } from '@bufbuild/protobuf'
import { reflect } from '@bufbuild/protobuf/reflect'
import { Code } from '@connectrpc/connect'
import { FrontierError, isFrontierError } from '@frontier/wire'

import { remotePeerOf } from './caller.js'
import { cleanPath } from './clean-path.js'
import type { Caller, Dispatcher } from './dispatcher.js'
import { sendEventStream } from './event-stream.js'
import type { Failure } from './failure.js'
import { pathOf, type HttpHandler, type HttpRequest, type HttpResponse } from './http-types.js'
import { isForeignPage } from './page-guard.js'
import { isReadable, parseBody, readBody } from './request-body.js'
import { setPathFields, setQueryFields } from './request-fields.js'
import { sendAnswer, sendFailure, sendMessage } from './rest-answer.js'
import { findRoute, restRoutesOf, type RestRoute } from './rest-routes.js'

/** What {@link createRestHandler} needs. */
export interface RestHandlerOptions {
  dispatcher: Dispatcher
  /** Longest body taken. */
  maxBodyBytes: number
  /** Ends all streams. */
  shutdownSignal: AbortSignal
  /** Whole answers to GET at paths of their own. */
  pages: Readonly<Record<string, () => { headers: Record<string, string>; body: string }>>
}

/** Answers REST by the HTTP annotations of the services, and the pages. */
export function createRestHandler(options: RestHandlerOptions): HttpHandler {
  const { dispatcher, pages } = options
  const routes = restRoutesOf(dispatcher.services.map(({ service }) => service))

  return (request, response) => {
    const { method = 'GET' } = request
    const path = pathOf(request)
    const clean = cleanPath(path)
    if (clean !== path) {
      redirect(request, response, clean, '')
      return
    }
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined
    if (page !== undefined) {
      if (method === 'GET' || method === 'HEAD') sendAnswer(request, response, { status: 200, ...page() })
      else sendNotAllowed(request, response, ['GET', 'HEAD'])
      return
    }
    const match = findRoute(routes, method, path)
    if (match === undefined) {
      const shorter = path.slice(0, -1)
      if (path.endsWith('/') && findRoute(routes, method, shorter) !== undefined) redirect(request, response, shorter, 'Moved Permanently')
      else sendNotFound(request, response)
      return
    }
    if ('allowed' in match) sendNotAllowed(request, response, match.allowed)
    else void new RestCall(options, match.route, request, response).run(match.variables)
  }
}

/** One request to one route. */
class RestCall {
  readonly #options: RestHandlerOptions
  readonly #route: RestRoute
  readonly #request: HttpRequest
  readonly #response: HttpResponse

  constructor(options: RestHandlerOptions, route: RestRoute, request: HttpRequest, response: HttpResponse) {
    this.#options = options
    this.#route = route
    this.#request = request
    this.#response = response
  }

  /** Resolves when it is answered, and never rejects. */
  async run(variables: ReadonlyMap<string, string>): Promise<void> {
    const { dispatcher, shutdownSignal } = this.#options
    const { method } = this.#route
    const closing = new AbortController()
    const abort = (): void => closing.abort()
    this.#response.once('close', abort)
    shutdownSignal.addEventListener('abort', abort)
    try {
      const caller = this.#caller(closing.signal)
      // Before a body is read, and before anything is said of what is wrong with the rest.
      if (!(await this.#admit(caller, variables))) return
      const message = await this.#read(variables)
      if (message === undefined) return
      if (method.methodKind === 'unary') sendMessage(this.#request, this.#response, method.output, await dispatcher.answer(method, message, caller))
      else await this.#stream(message, caller)
    } catch (thrown) {
      this.#fail(dispatcher.failure(thrown, method))
    } finally {
      shutdownSignal.removeEventListener('abort', abort)
    }
  }

  #caller(signal: AbortSignal): Caller {
    const { address, identity } = remotePeerOf(this.#request)
    return { address, identity, authorization: this.#request.headers.authorization, protocol: 'rest', signal, timeoutMs: undefined }
  }

  /** False = it is not let in; that has been told and written down. */
  async #admit(caller: Caller, variables: ReadonlyMap<string, string>): Promise<boolean> {
    const { dispatcher } = this.#options
    const { method, httpMethod } = this.#route
    try {
      if (httpMethod !== 'GET' && isForeignPage(this.#request, dispatcher.isOpen)) {
        throw new FrontierError('PERMISSION_DENIED', 'pages of other origins may not change anything')
      }
      dispatcher.admit(method, caller)
      return true
    } catch (thrown) {
      await dispatcher.refused(method, Object.fromEntries(variables), caller, thrown)
      this.#fail(dispatcher.failure(thrown, method))
      return false
    }
  }

  /** The request's message; undefined = what was wrong with it has been told. */
  async #read(variables: ReadonlyMap<string, string>): Promise<Message | undefined> {
    const { method, hasBody } = this.#route
    const { url = '', headers } = this.#request
    const contentType = headers['content-type']
    if (hasBody && !isReadable(contentType)) {
      this.#fail(codecFailure(415, `a body of ${JSON.stringify(contentType)} cannot be read: send application/json`))
      return undefined
    }
    const body = hasBody ? await readBody(this.#request, this.#options.maxBodyBytes) : undefined
    try {
      const message = body === undefined ? create(method.input) : parseBody(method.input, body, contentType)
      const fields = reflect(method.input, message)
      const queryAt = url.indexOf('?')
      if (queryAt >= 0) setQueryFields(fields, url.slice(queryAt + 1))
      setPathFields(fields, variables)
      return message
    } catch (thrown) {
      if (!isFrontierError(thrown)) throw thrown
      this.#fail(codecFailure(400, thrown.reason))
      return undefined
    }
  }

  async #stream(message: Message, caller: Caller): Promise<void> {
    const { dispatcher } = this.#options
    const { method } = this.#route
    const messages = dispatcher.stream(method, message, caller)
    const first = messages.next()
    // What fails at once fails with a status of its own.
    await Promise.race([first, new Promise((resolve) => setImmediate(resolve))])
    if (this.#request.method === 'HEAD') {
      void messages.return()
      this.#response.writeHead(200, { 'content-type': 'text/event-stream' }).end()
      return
    }
    await sendEventStream(this.#response, method.output, messages, { first, failureOf: (thrown) => dispatcher.failure(thrown, method) })
  }

  #fail(failure: Failure): void {
    // The first version's envelopes have nothing in their metadata.
    const isFirstVersion = this.#route.template.text.startsWith('/v1/')
    sendFailure(this.#request, this.#response, isFirstVersion ? { ...failure, metadata: {} } : failure)
  }
}

/** A request that could not be read. Its reason is the family's, and no code of docs/errors.md. */
function codecFailure(http: number, message: string): Failure {
  return { status: { grpc: Code.InvalidArgument, http }, reason: 'CODEC', message, metadata: {} }
}

function sendNotFound(request: HttpRequest, response: HttpResponse): void {
  sendAnswer(request, response, {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: '404 page not found\n',
  })
}

function sendNotAllowed(request: HttpRequest, response: HttpResponse, allowed: readonly string[]): void {
  const allow = allowed.join(', ')
  const envelope = { code: 405, reason: 'METHOD_NOT_ALLOWED', message: `this path has ${allow}`, metadata: {} }
  sendAnswer(request, response, { status: 405, headers: { 'content-type': 'application/json', allow }, body: JSON.stringify(envelope) })
}

/** To `path`, with the query as it was. `text` is what people see who do not follow. */
function redirect(request: HttpRequest, response: HttpResponse, path: string, text: string): void {
  const { url = '', method } = request
  const queryAt = url.indexOf('?')
  const location = queryAt < 0 ? path : path + url.slice(queryAt)
  const isReading = method === 'GET' || method === 'HEAD'
  const body = text === '' || !isReading ? '' : `<a href="${escapeHtml(location)}">${text}</a>.\n\n`
  const contentType = body === '' ? {} : { 'content-type': 'text/html; charset=utf-8' }
  // 301 would turn other methods into GET.
  sendAnswer(request, response, { status: isReading ? 301 : 308, headers: { location, ...contentType }, body })
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;').replaceAll("'", '&#39;')
}
