import type { FrontierError } from '@frontier/wire'
import { Wait } from './wait.js'

/**
 * `view` itself when it fills at least a quarter of its buffer, else a copy: small chunks never pin the large one they came in. With half, every third
 * chunk of a fast stream was copied (docs/performance.md).
 */
export function keepBytes(view: Uint8Array): Uint8Array {
  return view.length * 4 >= view.buffer.byteLength ? view : view.slice()
}

/** Places of chunks that were read, at the begin of the list. */
const MAX_EMPTY_PLACES = 1024

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

type Read = IteratorResult<Uint8Array, undefined>

/** Chunks between the wire and whoever reads them, with the end or the error behind them. Reads are served in the order they were asked. */
export class StreamReader {
  /** Bytes that wait to be read. */
  bytes = 0
  /** Called after a chunk was taken, with its length. */
  readonly #onTaken: (length: number) => void
  #chunks: (Uint8Array | undefined)[] = []
  #head = 0
  #end: 'open' | 'ended' | FrontierError = 'open'
  readonly #waiting: Wait<Read>[] = []

  constructor(onTaken: (length: number) => void) {
    this.#onTaken = onTaken
  }

  /** Whether nothing will come any more beyond what waits. */
  get isEnded(): boolean {
    return this.#end !== 'open'
  }

  /** Appends a chunk, or hands it to who waits; dropped after the end. */
  push(chunk: Uint8Array): void {
    if (this.#end !== 'open') return
    const wait = this.#waiting.shift()
    if (wait !== undefined) {
      wait.resolve({ done: false, value: chunk })
      this.#onTaken(chunk.length)
      return
    }
    this.#chunks.push(chunk)
    this.bytes += chunk.length
  }

  /** What waits is still read, then the end comes, or `error` is thrown. The first end counts. */
  end(error?: FrontierError): void {
    if (this.#end !== 'open') return
    this.#end = error ?? 'ended'
    for (const wait of this.#waiting.splice(0)) this.#settle(wait)
  }

  /** Drops what waits. */
  clear(): void {
    this.#chunks = []
    this.#head = 0
    this.bytes = 0
  }

  read(): Promise<Read> {
    const chunk = this.#chunks[this.#head]
    if (chunk !== undefined) {
      // A reader that is never quite done must not keep what it has read.
      this.#chunks[this.#head++] = undefined
      if (this.#head === this.#chunks.length || this.#head === MAX_EMPTY_PLACES) {
        this.#chunks.splice(0, this.#head)
        this.#head = 0
      }
      this.bytes -= chunk.length
      this.#onTaken(chunk.length)
      return Promise.resolve({ done: false, value: chunk })
    }
    const wait = new Wait<Read>()
    if (this.#end === 'open') this.#waiting.push(wait)
    else this.#settle(wait)
    return wait.promise
  }

  #settle(wait: Wait<Read>): void {
    if (this.#end === 'ended') wait.resolve(DONE)
    else wait.reject(this.#end)
  }
}
