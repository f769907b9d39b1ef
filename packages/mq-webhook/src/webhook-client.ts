// node:http and not fetch: connections of its own that go when the bridge does, authorities and certificates of its own, and nothing is redirected.
import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import type { WebhookSettings } from './webhook-settings.js'

const MAX_ANSWER_BYTES = 65_536

/** What a server said. */
export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
}

/** One try. */
export interface Post {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly timeoutMs: number
  /** Whether it may be sent once more where nobody knows if it was: on a connection that the server closed at that moment. */
  readonly mayRepeat: boolean
}

/** Connections to the servers of one bridge, kept alive. */
export class WebhookClient {
  readonly #agents: { readonly 'http:': http.Agent; readonly 'https:': https.Agent }
  readonly #tls: WebhookSettings['tls']
  readonly #requests = new Set<ClientRequest>()
  /** Answers whose body has not come to its end. */
  readonly #bodies = new Set<IncomingMessage>()
  readonly #maxBodies: number

  constructor({ maxConcurrency, tls: own }: WebhookSettings) {
    // Not bounded by the agent: with `maxSockets`, servers that do not end their answers would keep requests waiting that are nobody's fault.
    const options = { keepAlive: true, maxFreeSockets: maxConcurrency }
    this.#maxBodies = maxConcurrency
    this.#tls = own
    this.#agents = { 'http:': new http.Agent(options), 'https:': new https.Agent({ ...options, ...own }) }
  }

  /** Resolves with the head of the answer; of its body little is read, and nothing kept. Rejects when there is none in time. */
  async post(post: Post): Promise<Answer> {
    try {
      return await this.#try(post)
    } catch (error) {
      // It was closed for idleness, at the moment when it was used again.
      if (!(error instanceof StaleConnection) || !post.mayRepeat) throw error
      return this.#try(post)
    }
  }

  /** Resolves when a server can be connected to. */
  async reach(origin: URL, timeoutMs: number): Promise<void> {
    const host = origin.hostname.replace(/^\[(.*)\]$/, '$1')
    const isTls = origin.protocol === 'https:'
    const port = origin.port === '' ? (isTls ? 443 : 80) : Number(origin.port)
    const socket = isTls ? tls.connect({ host, port, ...this.#tls, ...(net.isIP(host) === 0 && { servername: host }) }) : net.connect({ host, port })
    try {
      await new Promise<void>((resolve, reject) => {
        socket.setTimeout(timeoutMs, () => reject(new Error(`${origin.host} cannot be reached within ${timeoutMs} ms`)))
        socket.once(isTls ? 'secureConnect' : 'connect', resolve).once('error', reject)
      })
    } finally {
      socket.destroy()
    }
  }

  /** Ends everything at once. */
  destroy(): void {
    for (const request of this.#requests) request.destroy(new Error('the bridge was closed'))
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  #try({ url, headers, body, timeoutMs }: Post): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const isTls = url.protocol === 'https:'
      const request = (isTls ? https : http).request(url, { method: 'POST', headers, agent: this.#agents[isTls ? 'https:' : 'http:'] })
      this.#requests.add(request)
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
      request.on('close', () => {
        clearTimeout(timer)
        this.#requests.delete(request)
        reject(new Error('the connection was closed without an answer'))
      })
      request.on('error', (error: NodeJS.ErrnoException) => {
        reject(request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE') ? new StaleConnection(error.message, { cause: error }) : error)
      })
      request.on('response', (response) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers })
        this.#discard(response)
      })
      request.end(body)
    })
  }

  /** Reads an answer to its end, so that its connection can be used again; unless it is long, or takes longer than many others. */
  #discard(response: IncomingMessage): void {
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_ANSWER_BYTES) response.destroy()
    })
    response.on('error', () => undefined)
    response.on('close', () => this.#bodies.delete(response))
    this.#bodies.add(response)
    if (this.#bodies.size <= this.#maxBodies) return
    const [oldest] = this.#bodies
    this.#bodies.delete(oldest!)
    oldest!.destroy()
  }
}

class StaleConnection extends Error {}
