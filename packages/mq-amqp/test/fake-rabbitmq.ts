import { createServer, type AddressInfo, type Socket } from 'node:net'

const CONNECTION = 10
const [START, TUNE, OPEN_OK, CLOSE] = [10, 30, 41, 50]

/** A broker of the tests, as far as the end of the handshake: what it says then goes out in one piece with its last word. */
export class FakeRabbitmq {
  readonly #last: Buffer
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => this.#serve(socket))

  constructor(last: Buffer) {
    this.#last = last
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get address(): string {
    return `guest:guest@127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    const answers = [
      method(START, Buffer.of(0, 9), longText(''), longText('PLAIN'), longText('en_US')),
      method(TUNE, short(0), Buffer.of(0, 2, 0, 0), short(0)),
      Buffer.concat([method(OPEN_OK, shortText('')), this.#last]),
    ]
    this.#sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
    // Each of its three turns comes in one piece, or is answered too early, which does no harm.
    socket.on('data', () => socket.write(answers.shift() ?? ''))
  }
}

/** connection.close */
export function closing(code: number, text: string): Buffer {
  return method(CLOSE, short(code), shortText(text), short(0), short(0))
}

function method(id: number, ...args: Buffer[]): Buffer {
  const payload = Buffer.concat([short(CONNECTION), short(id), ...args])
  const head = Buffer.alloc(7)
  head[0] = 1
  head.writeUInt32BE(payload.length, 3)
  return Buffer.concat([head, payload, Buffer.of(0xce)])
}

function short(value: number): Buffer {
  return Buffer.of(value >> 8, value & 255)
}

function shortText(text: string): Buffer {
  return Buffer.concat([Buffer.of(text.length), Buffer.from(text)])
}

function longText(text: string): Buffer {
  return Buffer.concat([short(0), short(text.length), Buffer.from(text)])
}
