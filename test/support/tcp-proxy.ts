import { createServer, connect, type Socket, type AddressInfo } from 'node:net';

/** What a way between two sockets is like. Without options it is a plain relay. */
export interface ProxyOptions {
  /** How long each byte travels in one direction, in milliseconds. */
  delayMs?: number;
  /** What passes in one direction; no limit by default. */
  bytesPerSecond?: number;
}

/** A TCP relay in front of one address that can be slow, far away, or gone. */
export interface TcpProxy extends AsyncDisposable {
  /** Where to dial instead, as `tcp://…`. */
  readonly address: string;
  /** Bytes that came out, to the target and back. */
  readonly forwardedBytes: { toTarget: number; toClient: number };
  readonly connections: number;
  /** Passes nothing on and closes nothing, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Ends all connections on both sides: with FIN, or abruptly with RST. */
  cut(how: 'fin' | 'reset'): void;
}

/** The most that one direction holds before it stops reading: what a fast and long way has in flight. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;

interface Item {
  chunk: Buffer | undefined;
  dueAt: number;
}

/** One direction of one connection. */
class Way {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #options: ProxyOptions;
  readonly #count: (bytes: number) => void;
  readonly #items: Item[] = [];
  #heldBytes = 0;
  #freeAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isFrozen = false;
  #isBlocked = false;

  constructor(from: Socket, to: Socket, options: ProxyOptions, count: (bytes: number) => void) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#count = count;
    from.on('data', (chunk: Buffer) => {
      this.#heldBytes += chunk.length;
      this.#push(chunk);
      if (this.#heldBytes > MAX_HELD_BYTES) from.pause();
    });
    from.on('end', () => {
      this.#push(undefined);
    });
    to.on('drain', () => {
      this.#isBlocked = false;
      this.#run();
    });
  }

  set isFrozen(value: boolean) {
    this.#isFrozen = value;
    this.#run();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#items.length = 0;
    this.#isFrozen = true;
  }

  #push(chunk: Buffer | undefined): void {
    const { delayMs = 0, bytesPerSecond = Infinity } = this.#options;
    const now = performance.now();
    this.#freeAt = Math.max(now, this.#freeAt) + ((chunk?.length ?? 0) / bytesPerSecond) * 1000;
    this.#items.push({ chunk, dueAt: this.#freeAt + delayMs });
    if (this.#items.length === 1) this.#run();
  }

  #run(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let done = 0;
    for (; done < this.#items.length && !this.#isFrozen && !this.#isBlocked; done++) {
      const { chunk, dueAt } = this.#items[done]!;
      const leftMs = dueAt - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => {
          this.#run();
        }, leftMs);
        break;
      }
      if (chunk === undefined) {
        this.#to.end();
        continue;
      }
      this.#heldBytes -= chunk.length;
      this.#count(chunk.length);
      this.#isBlocked = !this.#to.write(chunk);
    }
    this.#items.splice(0, done);
    if (this.#from.isPaused() && this.#heldBytes < MAX_HELD_BYTES / 2) this.#from.resume();
  }
}

/** Relays connections to `target` (`tcp://host:port`) from a free port of the loopback. */
export async function startProxy(target: string, options: ProxyOptions = {}): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const ways = new Set<Way>();
  const forwardedBytes = { toTarget: 0, toClient: 0 };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
    const there = new Way(client, upstream, options, (bytes) => (forwardedBytes.toTarget += bytes));
    const back = new Way(upstream, client, options, (bytes) => (forwardedBytes.toClient += bytes));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {
        other.destroy();
      });
      socket.on('close', () => {
        sockets.delete(socket);
        if (sockets.has(other)) return;
        for (const way of [there, back]) {
          way.stop();
          ways.delete(way);
        }
      });
    }
    ways.add(there);
    ways.add(back);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const cut = (how: 'fin' | 'reset'): void => {
    for (const socket of [...sockets]) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.destroy();
    }
  };
  return {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardedBytes,
    get connections() {
      return sockets.size / 2;
    },
    freeze() {
      for (const way of ways) way.isFrozen = true;
    },
    thaw() {
      for (const way of ways) way.isFrozen = false;
    },
    cut,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut('reset');
      await closed;
    },
  };
}
