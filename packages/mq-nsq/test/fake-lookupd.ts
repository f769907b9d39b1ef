import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An nsqlookupd of the tests: names the producers that it is told to, or does what it is told to. */
export class FakeLookupd {
  /** Answers that it gave. */
  asked = 0
  answer: object | RequestListener = { producers: [] }
  readonly #server = createServer((request, response) => {
    this.asked++
    if (typeof this.answer === 'function') (this.answer as RequestListener)(request, response)
    else response.end(JSON.stringify(this.answer))
  })

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
