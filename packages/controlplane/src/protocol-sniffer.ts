import type { Socket } from 'node:net'

/** How HTTP/2 begins when it is spoken without being agreed on; no method of HTTP/1.1 begins so. */
const PREFACE = Buffer.from('PRI ')

/** Tells HTTP/1.1 and HTTP/2 apart by their first bytes, which stay in the socket; a socket that says nothing for `timeoutMs` is closed. */
export function sniffProtocol(socket: Socket, timeoutMs: number, onKnown: (isHttp2: boolean) => void): void {
  const timer = setTimeout(() => socket.destroy(), timeoutMs).unref()
  const onEnd = (): void => {
    clearTimeout(timer)
    socket.destroy()
  }
  let head: Buffer = Buffer.alloc(0)
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) return
    // Given back only when it is known what it is: a socket that is given something back is readable at once.
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
    const length = Math.min(head.length, PREFACE.length)
    const isAlike = head.subarray(0, length).equals(PREFACE.subarray(0, length))
    if (isAlike && length < PREFACE.length) return
    clearTimeout(timer)
    socket.off('readable', onReadable).off('end', onEnd).off('error', onEnd).off('close', onEnd)
    socket.unshift(head)
    onKnown(isAlike)
  }
  socket.on('readable', onReadable).on('end', onEnd).on('error', onEnd).on('close', onEnd)
}
