import { encodeRawFrame, FrameType } from '@frontier/wire'
import type { RawStream } from '@frontier/mux'
import type { LateError } from './late-error.js'
import { Wait } from './wait.js'

interface PendingWrite {
  readonly bytes: Uint8Array
  offset: number
  /** What follows the bytes: nothing, END, or FIN. */
  readonly tail: 'none' | 'end' | 'fin'
  readonly wait: Wait<void>
}

/** Cuts what is written into DATA frames and hands them to the raw stream as long as it has room; writes go out in the order they were asked. */
export class StreamWriter {
  /** Raw bytes handed on so far. */
  bytesSent = 0
  isBlocked = false
  readonly #raw: RawStream
  readonly #maxDataBytes: number
  readonly #pending: PendingWrite[] = []
  #error: LateError | undefined = undefined

  /** `maxDataBytes`: most raw bytes of one DATA frame. */
  constructor(raw: RawStream, maxDataBytes: number) {
    this.#raw = raw
    this.#maxDataBytes = maxDataBytes
  }

  /** Resolves when all of `bytes` was handed on and there is room for more. @throws the error of `fail`, CANCELLED */
  write(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    return this.#enqueue(bytes, 'none', signal)
  }

  /** Writes END, or FIN, behind all that was written; resolves when it was handed on. */
  finish(tail: 'end' | 'fin'): Promise<void> {
    return this.#enqueue(new Uint8Array(0), tail, undefined)
  }

  /** Sends a frame of the stream's channel, among the data, whether there is room or not. */
  send(frame: Uint8Array): void {
    if (!this.#raw.write(frame)) this.isBlocked = true
  }

  /** The raw stream has room again. */
  onDrained(): void {
    this.isBlocked = false
    this.#advance()
  }

  /** All that waits and all that comes fails with `error`. */
  fail(error: LateError): void {
    this.#error ??= error
    if (this.#pending.length === 0) return
    const failure = this.#error()
    for (const { wait } of this.#pending.splice(0)) wait.reject(failure)
  }

  #enqueue(bytes: Uint8Array, tail: PendingWrite['tail'], signal: AbortSignal | undefined): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error())
    const write: PendingWrite = { bytes, offset: 0, tail, wait: new Wait<void>({ signal }) }
    if (write.wait.isSettled) return write.wait.promise
    this.#pending.push(write)
    // Also runs when the write was done: then it is no longer in the line.
    write.wait.onSettled = () => {
      const index = this.#pending.indexOf(write)
      if (index < 0) return
      this.#pending.splice(index, 1)
      if (index === 0) this.#advance()
    }
    if (this.#pending[0] === write) this.#advance()
    return write.wait.promise
  }

  #advance(): void {
    for (let write = this.#pending[0]; write !== undefined && !this.isBlocked; write = this.#pending[0]) {
      if (write.offset < write.bytes.length) {
        const to = Math.min(write.bytes.length, write.offset + this.#maxDataBytes)
        this.send(encodeRawFrame({ type: FrameType.DATA, body: write.bytes.subarray(write.offset, to) }))
        this.bytesSent += to - write.offset
        write.offset = to
        continue
      }
      this.#pending.shift()
      if (write.tail === 'end') this.send(encodeRawFrame({ type: FrameType.END }))
      else if (write.tail === 'fin') this.#raw.end()
      write.wait.resolve()
    }
  }
}
