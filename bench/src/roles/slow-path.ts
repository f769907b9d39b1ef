// A path of a long round trip: what comes in on a connection goes out on another one `oneWayMs` later, no faster than a rate.
import { connect, createServer, type Socket } from 'node:net'

import { listening } from './relay.js'
import type { SlowPathRole } from './role.js'

/** What one direction holds before it stops reading: far more than a window of the streams, so that the path is never what stops them. */
const MAX_ON_THE_WAY_BYTES = 256 * 1024 * 1024
/** How long what waits for a limited rate may be: the buffer of a router on the way. */
const MAX_QUEUE_MS = 50
const TICK_MS = 1

type Way = Parameters<SlowPathRole['commands']['lead']>[0]

interface Delayed {
  readonly chunk: Buffer
  readonly dueAt: number
}

/** Starts the path; it leads nowhere before `lead`, which also changes the rate of what is connected. */
export async function slowPath(): Promise<SlowPathRole> {
  let way: Way | undefined
  const server = createServer((socket) => {
    if (way === undefined) {
      socket.destroy()
      return
    }
    const far = connect({ port: way.port, host: '127.0.0.1', noDelay: true })
    socket.setNoDelay(true)
    delay(socket, far, () => way!)
    delay(far, socket, () => way!)
  })
  const port = await listening(server)
  return {
    info: { port },
    commands: {
      lead(to) {
        way = to
      },
    },
  }
}

function delay(from: Socket, to: Socket, way: () => Way): void {
  const queue: Delayed[] = []
  let head = 0
  let bytes = 0
  let sentAt = 0
  let hasEnded = false
  let timer: NodeJS.Timeout | undefined

  const deliver = (): void => {
    timer = undefined
    const now = performance.now()
    for (let next = queue[head]; next !== undefined && next.dueAt <= now; next = queue[head]) {
      to.write(next.chunk)
      bytes -= next.chunk.length
      head++
    }
    if (head > 1000 || head === queue.length) queue.splice(0, head)
    if (head > queue.length || queue.length === 0) head = 0
    wake()
  }
  const wake = (): void => {
    const isFull = bytes >= MAX_ON_THE_WAY_BYTES || to.writableLength >= MAX_ON_THE_WAY_BYTES || sentAt - performance.now() > MAX_QUEUE_MS
    if (isFull !== from.isPaused()) {
      if (isFull) from.pause()
      else from.resume()
    }
    if (timer === undefined && (isFull || head < queue.length)) timer = setTimeout(deliver, TICK_MS)
    if (hasEnded && head === queue.length) to.end()
  }
  from.on('data', (chunk) => {
    const { oneWayMs, bytesPerSecond } = way()
    sentAt = Math.max(sentAt, performance.now()) + (bytesPerSecond === null ? 0 : (chunk.length / bytesPerSecond) * 1000)
    queue.push({ chunk, dueAt: sentAt + oneWayMs })
    bytes += chunk.length
    wake()
  })
  from.on('end', () => {
    hasEnded = true
    wake()
  })
  from.on('error', () => to.destroy())
  from.on('close', () => {
    if (!hasEnded) to.destroy()
  })
}
