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
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) return
    socket.unshift(chunk)
    const length = Math.min(chunk.length, PREFACE.length)
    const isAlike = chunk.subarray(0, length).equals(PREFACE.subarray(0, length))
    if (isAlike && length < PREFACE.length) return
    clearTimeout(timer)
    socket.off('readable', onReadable).off('end', onEnd).off('error', onEnd).off('close', onEnd)
    onKnown(isAlike)
  }
  socket.on('readable', onReadable).on('end', onEnd).on('error', onEnd).on('close', onEnd)
}
