import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

import { encodeFrame, encodeRawFrame, FrameType, NO_BUDGET, parseBody, PROTOCOL_VERSION, readPeer, utf8 } from '@frontier/wire'

import { RawLink, type RawSink } from './raw-link.js'

/** How many connections are being made at once. */
const AT_ONCE = 64
const PING_SLICES = 30

/** Where raw links are to be connected. */
export interface RawTarget {
  readonly port: number
  /** Bare: a relay that takes frames without a handshake. */
  readonly handshake: 'bare' | 'edge' | 'service'
  readonly methods?: readonly string[]
  /** Topics that a service receives. */
  readonly topics?: readonly string[]
  /** The authority to trust, in PEM: TLS. */
  readonly ca?: string | undefined
}

/** Connects `count` links to a relay or gateway; with a handshake they ping, as the protocol asks of whoever dials. */
export async function connectRaw(target: RawTarget, count: number, sink: RawSink): Promise<RawLink[]> {
  const links: RawLink[] = []
  let pingIntervalMs = 0
  const connectSome = async (): Promise<void> => {
    while (links.length < count) {
      const { port, ca } = target
      const to = { port, host: '127.0.0.1' }
      const link = new RawLink(ca === undefined ? connect(to) : connectTls({ ...to, ca }), sink)
      links.push(link)
      await once(link.socket, ca === undefined ? 'connect' : 'secureConnect')
      link.socket.on('error', ignore)
      if (target.handshake !== 'bare') pingIntervalMs = await shakeHands(link, target, sink)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, connectSome))
  if (pingIntervalMs > 0) keepAlive(links, pingIntervalMs)
  return links
}

function ignore(): void {
  // A socket that fails is closed: calls that stay unanswered tell.
}

/** Resolves with the ping interval once the gateway has welcomed the link. */
function shakeHands(link: RawLink, target: RawTarget, sink: RawSink): Promise<number> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => {
      reject(new Error('the gateway closed the link before its welcome'))
    }
    link.socket.once('close', onClose)
    link.sink = {
      onFrame(_link, bytes, start, end) {
        const body = parseBody(bytes, start, end)
        if (bytes[start + 1] !== FrameType.WELCOME) {
          reject(new Error(`refused: ${utf8(body.key)} ${utf8(body.data)}`))
          return
        }
        link.socket.off('close', onClose)
        link.sink = sink
        link.id = readPeer(bytes, start)
        resolve((JSON.parse(utf8(body.data)) as { pingIntervalMs: number }).pingIntervalMs)
      },
    }
    const hello = { role: target.handshake, methods: target.methods ?? [], topics: target.topics ?? [] }
    link.send(encodeFrame({ type: FrameType.HELLO, id: PROTOCOL_VERSION, budgetMs: NO_BUDGET, data: Buffer.from(JSON.stringify(hello)) }))
  })
}

/** One timer pings all links, some at a time, each once per interval. */
function keepAlive(links: readonly RawLink[], intervalMs: number): void {
  const ping = encodeRawFrame({ type: FrameType.PING, id: 1 })
  let slice = 0
  const timer = setInterval(() => {
    if (links.every(({ socket }) => socket.destroyed)) clearInterval(timer)
    slice = (slice + 1) % PING_SLICES
    for (let index = slice; index < links.length; index += PING_SLICES) {
      if (!links[index]!.socket.destroyed) links[index]!.send(ping)
    }
  }, intervalMs / PING_SLICES)
  timer.unref()
}

/** Closes links and resolves when all of them are gone. */
export async function closeRaw(links: readonly RawLink[]): Promise<void> {
  await Promise.all(links.map(({ socket }) => closed(socket)))
}

async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return
  socket.destroy()
  await once(socket, 'close')
}
