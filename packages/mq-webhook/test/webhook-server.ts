import http, { type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BridgeEdge, BridgeMessage } from '@frontier/exchange'

/** A request that a server got. */
export interface Got {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What it answers: a status, or what it does. */
export type Reply = number | RequestListener

/** A server on loopback that says of each request what it is told to. */
export class WebhookServer implements AsyncDisposable {
  readonly got: Got[] = []
  sockets = 0
  mostAtOnce = 0
  #atOnce = 0
  reply: (got: Got, index: number) => Reply | Promise<Reply> = () => 204
  readonly #server: http.Server

  constructor() {
    this.#server = http.createServer((request, response) => {
      const chunks: Buffer[] = []
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce)
      request.on('error', () => undefined)
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const got = { method: request.method!, url: request.url!, headers: request.headers, body: Buffer.concat(chunks) }
        this.got.push(got)
        void Promise.resolve(this.reply(got, this.got.length - 1)).then((reply) => {
          this.#atOnce--
          if (typeof reply === 'number') response.writeHead(reply).end()
          else reply(request, response)
        })
      })
    })
    this.#server.on('connection', (socket) => {
      this.sockets++
      socket.on('close', () => this.sockets--)
    })
  }

  static async start(): Promise<WebhookServer> {
    const server = new WebhookServer()
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get bodies(): string[] {
    return this.got.map(({ body }) => body.toString())
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

/** A message of an edge. */
export function message(data: string | Uint8Array, fields: Partial<Omit<BridgeMessage, 'data' | 'edge'>> & { edge?: Partial<BridgeEdge> } = {}): BridgeMessage {
  const { edge, ...others } = fields
  return {
    topic: 'sensors.kitchen',
    meta: new Uint8Array(),
    deadline: performance.now() + 20_000,
    isAbandoned: false,
    isUnacked: false,
    ...others,
    edge: { edgeId: 7n, meta: new Uint8Array(), labels: {}, address: '127.0.0.1:1', ...edge },
    data: typeof data === 'string' ? Buffer.from(data) : data,
  }
}
