import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** An nsqd of the tests: answers what it is told to. */
export class FakeNsqd {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Commands as they came, without bodies. */
  readonly commands: string[] = []
  /** The answer to IDENTIFY; undefined = none. */
  identify: object | string | undefined = { max_rdy_count: 2500, version: '1.3.0', max_msg_timeout: 900_000, msg_timeout: 60_000, tls_v1: false, auth_required: false }
  /** The answer to a command; undefined = none. What begins with E_ is an error, and the end of the connection. */
  answer: (command: string, body: Buffer) => string | undefined = (command) => (/^(PUB|MPUB|SUB) /.test(command) ? 'OK' : undefined)

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get open(): number {
    return this.#sockets.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    let rest = Buffer.alloc(0)
    let isMagicRead = false
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      if (!isMagicRead && rest.length >= 4) {
        isMagicRead = true
        rest = rest.subarray(4)
      }
      for (;;) {
        const end = rest.indexOf(10)
        if (end < 0) return
        const command = rest.toString('latin1', 0, end)
        const hasBody = /^(IDENTIFY|AUTH|PUB|MPUB)/.test(command)
        const length = hasBody && rest.length >= end + 5 ? rest.readInt32BE(end + 1) : 0
        if (hasBody && rest.length < end + 5 + length) return
        const body = rest.subarray(end + 5, end + 5 + length)
        rest = rest.subarray(hasBody ? end + 5 + length : end + 1)
        this.commands.push(command)
        const answer = command === 'IDENTIFY' ? (typeof this.identify === 'object' ? JSON.stringify(this.identify) : this.identify) : this.answer(command, body)
        if (answer === undefined) continue
        const isError = answer.startsWith('E_')
        const frame = Buffer.alloc(8 + Buffer.byteLength(answer))
        frame.writeInt32BE(frame.length - 4, 0)
        frame.writeInt32BE(isError ? 1 : 0, 4)
        frame.write(answer, 8)
        socket.write(frame)
        if (isError) socket.end()
      }
    })
  }
}
