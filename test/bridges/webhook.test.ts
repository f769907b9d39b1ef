import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifyWebhook, webhookBridge } from '@frontier/mq-webhook'
import type { BrokerProcess, BrokerUnderTest, ReadMessage } from './bridge-subject.js'
import { describeBridge } from './describe-bridge.js'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const MAX_BYTES = 100_000
const MISSING = 'of-nobody'

/** A web server that keeps what is posted to each path. It can be taken away, or made to hang. */
class Receiver implements BrokerProcess {
  readonly #messages = new Map<string, ReadMessage[]>()
  #server: Server | undefined
  #port = 0
  /** While it hangs. */
  #waiting: (() => void)[] | undefined

  at(target: string): ReadMessage[] {
    const messages = this.#messages.get(target) ?? []
    this.#messages.set(target, messages)
    return messages
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async restart(): Promise<void> {
    await this.kill()
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('error', () => undefined)
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const answer = (): void => {
          if (response.destroyed) return
          response.writeHead(this.#take(request.url!.slice(1), request.headers as Record<string, string>, Buffer.concat(chunks))).end()
        }
        if (this.#waiting === undefined) answer()
        else this.#waiting.push(answer)
      })
    })
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  async kill(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.closeAllConnections()
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())))
  }

  async pause(): Promise<void> {
    this.#waiting = []
  }

  async resume(): Promise<void> {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const answer of waiting) answer()
  }

  stop(): Promise<void> {
    return this.kill()
  }

  /** Returns the status. */
  #take(target: string, headers: Record<string, string>, body: Buffer): number {
    verifyWebhook(SECRET, { headers, body })
    if (target === MISSING) return 404
    if (body.length > MAX_BYTES) return 413
    const own = Object.entries(headers).filter(([name]) => name.startsWith('x-frontier-'))
    this.at(target).push({ data: body.toString(), key: headers['x-frontier-edge-id'], headers: Object.fromEntries(own.map(([name, value]) => [name.slice(2), value])) })
    return 204
  }
}

async function start(): Promise<BrokerUnderTest> {
  const receiver = new Receiver()
  await receiver.restart()
  return {
    process: receiver,
    bridge: ({ mappings = [], ...options }) => {
      const rows = mappings.map(({ to = '{topic}', ...row }) => ({ ...row, to: `${receiver.url}/${to}` }))
      return webhookBridge({ url: `${receiver.url}/{topic}`, secret: SECRET, mappings: rows, maxAttempts: 1000, maxRetryDelayMs: 200, ...options })
    },
    reader: (target) => Promise.resolve({ messages: receiver.at(target), settle: () => Promise.resolve() }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

describeBridge({
  name: 'web addresses',
  missing: undefined,
  start,
  guarantee: 'at-least-once',
  asksForPassword: false,
  canBeConsumed: false,
  hasHeaders: true,
  hasKey: true,
  tooLargeBytes: MAX_BYTES + 1,
  badTopic: '..',
  missingTopic: MISSING,
  target: (word) => word,
})
