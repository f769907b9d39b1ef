import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifyWebhook, webhookBridge } from '@frontier/mq-webhook'
import type { BrokerUnderTest, ReadMessage } from './bridge-subject.js'
import { describeBridge } from './describe-bridge.js'

const SECRET = 'a secret of the receiver'

/** A receiver of webhooks that keeps what it was sent, goes away, hangs, and comes back. */
class Receiver {
  /** By path. */
  readonly #received = new Map<string, ReadMessage[]>()
  readonly #ids = new Set<string>()
  #server: Server | undefined = undefined
  #port = 0
  #isHanging = false

  get port(): number {
    return this.#port
  }

  async open(): Promise<void> {
    const server = createServer((request, response) => void this.#take(request, response))
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
  }

  messages(path: string): ReadMessage[] {
    const messages = this.#received.get(path) ?? []
    this.#received.set(path, messages)
    return messages
  }

  close(): Promise<void> {
    const server = this.#server!
    return new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  hang(isHanging: boolean): void {
    this.#isHanging = isHanging
    if (!isHanging) this.#server!.closeAllConnections()
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (this.#isHanging) return
    const body = Buffer.concat(chunks)
    const { headers } = request
    const path = request.url!.slice(1)
    if (headers.authorization === 'Bearer wrong') response.writeHead(401).end()
    else if (path === 'nowhere') response.writeHead(404).end()
    else if (body.length > 100_000) response.writeHead(413).end()
    else {
      const id = verifyWebhook(SECRET, { headers, body })
      // Whoever sends it again says so by its id.
      if (!this.#ids.has(id)) this.messages(path).push({ data: body.toString(), headers: frontierHeaders(headers) })
      this.#ids.add(id)
      response.writeHead(204).end()
    }
  }
}

function frontierHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (name.startsWith('x-frontier-') ? [[name.slice(2), String(value)]] : [])))
}

async function start(): Promise<BrokerUnderTest> {
  const receiver = new Receiver()
  await receiver.open()
  const url = `http://127.0.0.1:${receiver.port}/{topic}`
  const options = { url, secret: SECRET, maxAttempts: 1000, maxRetryDelayMs: 200, timeoutMs: 1000 }
  return {
    process: {
      kill: () => receiver.close(),
      restart: () => receiver.open(),
      pause: async () => {
        receiver.hang(true)
      },
      resume: async () => {
        receiver.hang(false)
      },
      stop: () => receiver.close(),
    },
    bridge: ({ mappings = [], ...rest }) =>
      webhookBridge({ ...options, mappings: mappings.map(({ to, ...mapping }) => ({ ...mapping, to: to === undefined ? undefined : url.replace('{topic}', to) })), ...rest }),
    strangerBridge: (rest) => webhookBridge({ ...options, headers: { authorization: 'Bearer wrong' }, ...rest }),
    reader: (path) => Promise.resolve({ messages: receiver.messages(path), settle: () => Promise.resolve() }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

describeBridge({
  name: 'webhooks',
  missing: undefined,
  start,
  guarantee: 'at-least-once',
  asksForPassword: false,
  canBeConsumed: false,
  hasHeaders: true,
  hasKey: false,
  // Each is a signed request, and its server is in this process too: 20,000 took more than a minute on a busy machine.
  publishes: 5000,
  tooLargeBytes: 100_001,
  badTopic: '..',
  missingTopic: 'nowhere',
  target: (word) => word,
})
