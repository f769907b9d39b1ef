/** Runs shorter than this are copied together into one buffer before a write; longer ones are passed by reference. */
const COPY_BELOW_BYTES = 4096
/** Runs do not grow beyond this, so that `take` can keep to its limit. */
const RUN_BYTES = 32_768
/** Entries (three to a run) that were handed on and still stand in the list, before it is cut. */
const SPENT_ENTRIES = 3072

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
  /** Up to here the older runs pin no foreign chunk: they are large, or copies of ours. */
  #settled = 0

  /** Appends the whole frames in `bytes[start, end)`, which belong to the queue from now on. */
  push(bytes: Uint8Array, start: number, end: number): void {
    this.bytes += end - start
    if (this.#last === bytes && this.#lastEnd === start && end - this.#lastStart <= RUN_BYTES) {
      this.#lastEnd = end
      return
    }
    if (this.#last !== undefined) (this.#runs ??= []).push(this.#last, this.#lastStart, this.#lastEnd)
    this.#last = bytes
    this.#lastStart = start
    this.#lastEnd = end
  }

  /**
   * Moves the oldest runs, at most `maxBytes` of them but always one, into `parts`, ready to be written, small ones copied together.
   * @returns the number of bytes moved.
   */
  take(parts: Uint8Array[], maxBytes: number): number {
    if (this.bytes === 0) return 0
    const runs = this.#runs
    if (runs === undefined) return this.#takeLast(parts)
    this.#shelveLast()
    let taken = 0
    let at = this.#head
    let firstSmall = at
    for (; at < runs.length; at += 3) {
      const length = lengthAt(runs, at)
      if (taken > 0 && taken + length > maxBytes) break
      taken += length
      if (length < COPY_BELOW_BYTES) continue
      pushSmall(parts, runs, firstSmall, at)
      parts.push(sliceAt(runs, at))
      firstSmall = at + 3
    }
    pushSmall(parts, runs, firstSmall, at)
    this.bytes -= taken
    if (at === runs.length) this.#forget()
    else if (at > SPENT_ENTRIES && at * 2 > runs.length) {
      this.#runs = runs.slice(at)
      this.#settled = Math.max(0, this.#settled - at)
      this.#head = 0
    } else {
      // Let go of what was handed on: the list must not pin the chunks it came in.
      for (let i = this.#head; i < at; i += 3) runs[i] = 0
      this.#head = at
      this.#settled = Math.max(this.#settled, at)
    }
    return taken
  }

  /** Copies small runs out of the chunks they lie in: for a queue that has to wait, whose few bytes would otherwise hold 64 KiB each. Looks at new runs only. */
  settle(): void {
    if (this.bytes === 0) return
    const runs = (this.#runs ??= [])
    this.#shelveLast()
    let kept = this.#settled
    for (let at = kept; at < runs.length; ) {
      let to = at
      let small = 0
      while (to < runs.length && lengthAt(runs, to) < COPY_BELOW_BYTES && small < RUN_BYTES) {
        small += lengthAt(runs, to)
        to += 3
      }
      // A large run stays where it is, and so does one that has most of its buffer to itself.
      const own = to === at || (to === at + 3 && (runs[at] as Uint8Array).length <= 2 * small) ? undefined : joined(runs, at, to, small)
      runs[kept] = own ?? runs[at]!
      runs[kept + 1] = own === undefined ? runs[at + 1]! : 0
      runs[kept + 2] = own === undefined ? runs[at + 2]! : small
      kept += 3
      at = Math.max(to, at + 3)
    }
    runs.length = kept
    this.#settled = kept
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
    this.#forget()
  }

  #forget(): void {
    this.#runs = undefined
    this.#head = 0
    this.#settled = 0
  }

  #shelveLast(): void {
    if (this.#last === undefined) return
    this.#runs!.push(this.#last, this.#lastStart, this.#lastEnd)
    this.#last = undefined
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

function lengthAt(runs: (Uint8Array | number)[], at: number): number {
  return (runs[at + 2] as number) - (runs[at + 1] as number)
}

function sliceAt(runs: (Uint8Array | number)[], at: number): Uint8Array {
  return slice(runs[at] as Uint8Array, runs[at + 1] as number, runs[at + 2] as number)
}

/** The small runs in `[from, to)`: one alone goes by reference. */
function pushSmall(parts: Uint8Array[], runs: (Uint8Array | number)[], from: number, to: number): void {
  if (from === to) return
  if (to - from === 3) {
    parts.push(sliceAt(runs, from))
    return
  }
  let length = 0
  for (let at = from; at < to; at += 3) length += lengthAt(runs, at)
  parts.push(joined(runs, from, to, length))
}

/** The runs in `[from, to)` in a buffer of their own. */
function joined(runs: (Uint8Array | number)[], from: number, to: number, length: number): Uint8Array {
  const all = new Uint8Array(length)
  let at = 0
  for (let i = from; i < to; i += 3) {
    const part = sliceAt(runs, i)
    all.set(part, at)
    at += part.length
  }
  return all
}
