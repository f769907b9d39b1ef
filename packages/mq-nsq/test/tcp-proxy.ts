import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A broker's stand-in between a driver and the broker, which can die, hang and come back. */
export class TcpProxy {
  readonly #host: string
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => this.#accept(socket))
  /** Their other end went while they were frozen. */
  readonly #orphans = new Set<Socket>()
  #isFrozen = false
  #listenPort = 0
  /** Connections since the start. */
  accepted = 0

  constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
  }

  get address(): string {
    return `127.0.0.1:${this.#listenPort}`
  }

  get open(): number {
    return this.#sockets.size / 2
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.#listenPort, '127.0.0.1', resolve))
    this.#listenPort = (this.#server.address() as AddressInfo).port
    return this
  }

  /** As a broker that was killed: connections end, new ones are refused. */
  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** As a broker that hangs: sockets stay open, nothing comes. */
  freeze(isFrozen = true): void {
    this.#isFrozen = isFrozen
    for (const socket of this.#sockets) {
      if (isFrozen) socket.pause()
      else socket.resume()
    }
    if (!isFrozen) for (const socket of this.#orphans) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.kill()
  }

  #accept(near: Socket): void {
    this.accepted++
    const far = connect(this.#port, this.#host)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.on('data', (bytes) => to.write(bytes))
      from.on('error', () => undefined)
      from.on('close', () => {
        this.#sockets.delete(from)
        this.#orphans.delete(from)
        // A broker that hangs does not hang up either, whatever the real one does meanwhile.
        if (this.#isFrozen) this.#orphans.add(to)
        else to.destroy()
      })
      if (this.#isFrozen) from.pause()
    }
  }
}
