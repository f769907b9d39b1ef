import { createServer, type AddressInfo, type Socket } from 'node:net'

/** A server that greets, answers pings, and lets nobody publish to subjects that begin with `denied`, nor listen there. */
export class FakeServer {
  readonly published: string[] = []
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => this.#accept(socket))

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    const info = { server_id: 'fake', version: '2.10.0', proto: 1, headers: true, max_payload: 1_000, host: '127.0.0.1', port: 1 }
    socket.write(`INFO ${JSON.stringify(info)}\r\n`)
    socket.on('error', () => undefined)
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const [command, subject = '', ...rest] = text.slice(0, end).split(' ')
        if (command === 'SUB') this.#onSubscribe(socket, subject, rest)
        const size = command === 'HPUB' || command === 'PUB' ? Number(rest.at(-1)) + 2 : 0
        if (text.length < end + 2 + size) return
        text = text.slice(end + 2 + size)
        if (command === 'PING') socket.write('PONG\r\n')
        if (size === 0) continue
        if (subject.startsWith('denied')) socket.write(`-ERR 'Permissions Violation for Publish to "${subject}"'\r\n`)
        else this.published.push(subject)
      }
    })
  }

  #onSubscribe(socket: Socket, subject: string, [queue, sid]: string[]): void {
    if (subject.startsWith('denied')) socket.write(`-ERR 'Permissions Violation for Subscription to "${subject}"${sid === undefined ? '' : ` using queue "${queue}"`}'\r\n`)
  }
}
