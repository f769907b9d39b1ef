/** Runs shorter than this are copied together into one buffer before a write; longer ones are passed by reference. */
const COPY_BELOW_BYTES = 4096

/**
 * Whole frames that wait for their turn on a pipe, first in, first out. Frames that lie side by side in one received chunk become one
 * run: forwarded traffic leaves as slices of the chunks it came in, without a copy.
 */
export class FrameQueue {
  /** Bytes that wait. */
  bytes = 0
  // The newest run. It lives in fields, so that a link that sends one frame a turn never allocates the list.
  #last: Uint8Array | undefined = undefined
  #lastStart = 0
  #lastEnd = 0
  /** Older runs, flat: bytes, start, end. */
  #runs: (Uint8Array | number)[] | undefined = undefined
  #head = 0

  /** Appends the whole frames in `bytes[start, end)`, which belong to the queue from now on. */
  push(bytes: Uint8Array, start: number, end: number): void {
    this.bytes += end - start
    if (this.#last === bytes && this.#lastEnd === start) {
      this.#lastEnd = end
      return
    }
    if (this.#last !== undefined) (this.#runs ??= []).push(this.#last, this.#lastStart, this.#lastEnd)
    this.#last = bytes
    this.#lastStart = start
    this.#lastEnd = end
  }

  /** Moves runs worth about `maxBytes` into `parts`, ready to be written, small ones copied together; the number of bytes moved. */
  take(parts: Uint8Array[], maxBytes: number): number {
    if (this.bytes === 0) return 0
    const runs = this.#runs
    if (runs === undefined) return this.#takeLast(parts)
    if (this.#last !== undefined) {
      runs.push(this.#last, this.#lastStart, this.#lastEnd)
      this.#last = undefined
    }
    let taken = 0
    let at = this.#head
    while (at < runs.length && taken < maxBytes) {
      let small = 0
      let to = at
      while (to < runs.length && taken + small < maxBytes) {
        const length = (runs[to + 2] as number) - (runs[to + 1] as number)
        if (length >= COPY_BELOW_BYTES) break
        small += length
        to += 3
      }
      if (to - at > 3) parts.push(joined(runs, at, to, small))
      else {
        // One run alone, small or large, goes by reference.
        to = at + 3
        small = (runs[at + 2] as number) - (runs[at + 1] as number)
        parts.push(slice(runs[at] as Uint8Array, runs[at + 1] as number, runs[at + 2] as number))
      }
      taken += small
      at = to
    }
    if (at >= runs.length) {
      this.#runs = undefined
      this.#head = 0
    } else if (at > 3072) {
      this.#runs = runs.slice(at)
      this.#head = 0
    } else {
      // Let go of what was handed on: the array must not pin the chunks it came in.
      for (let i = this.#head; i < at; i += 3) runs[i] = 0
      this.#head = at
    }
    this.bytes -= taken
    return taken
  }

  /** Calls `visit` with each run that still waits, oldest first; runs are sequences of whole frames. */
  forEach(visit: (bytes: Uint8Array, start: number, end: number) => void): void {
    const runs = this.#runs
    if (runs !== undefined) {
      for (let i = this.#head; i < runs.length; i += 3) visit(runs[i] as Uint8Array, runs[i + 1] as number, runs[i + 2] as number)
    }
    if (this.#last !== undefined) visit(this.#last, this.#lastStart, this.#lastEnd)
  }

  /** Forgets everything. */
  clear(): void {
    this.bytes = 0
    this.#last = undefined
    this.#runs = undefined
    this.#head = 0
  }

  #takeLast(parts: Uint8Array[]): number {
    const taken = this.bytes
    parts.push(slice(this.#last!, this.#lastStart, this.#lastEnd))
    this.#last = undefined
    this.bytes = 0
    return taken
  }
}

function slice(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)
}

function joined(runs: (Uint8Array | number)[], from: number, to: number, length: number): Uint8Array {
  const all = new Uint8Array(length)
  let at = 0
  for (let i = from; i < to; i += 3) {
    const part = slice(runs[i] as Uint8Array, runs[i + 1] as number, runs[i + 2] as number)
    all.set(part, at)
    at += part.length
  }
  return all
}
