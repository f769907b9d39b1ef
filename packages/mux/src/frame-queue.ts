import type { SplitFrame } from '@frontier/wire'

/** Runs shorter than this are copied together into one buffer before a write; longer ones are passed by reference. */
const COPY_BELOW_BYTES = 4096
/** Neighbours are not made one beyond this, so that `take` can keep to its limit. */
const RUN_BYTES = 65_536
/** Entries of the list for one run: bytes, start, end, and 1 when it goes on with a frame that began in the run before it, else 0. */
const STRIDE = 4
/** Entries that were handed on and still stand in the list, before it is cut. */
const SPENT_ENTRIES = 1024 * STRIDE

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
  #lastGoesOn = 0
  /** Bytes of the newest run and of those it must not be parted from. */
  #unitBytes = 0
  /** Older runs, flat: see STRIDE. */
  #runs: (Uint8Array | number)[] | undefined = undefined
  #head = 0
  /** Up to here the older runs pin no foreign chunk: they are large, or copies of ours. */
  #settled = 0

  /** Appends the whole frames in `bytes[start, end)`, which belong to the queue from now on. */
  push(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start
    this.bytes += length
    if (this.#last === bytes && this.#lastEnd === start && this.#unitBytes + length <= RUN_BYTES) {
      this.#lastEnd = end
      this.#unitBytes += length
      return
    }
    this.#append(bytes, start, end, 0)
    this.#unitBytes = length
  }

  /** Appends a frame in two parts, which are never taken apart. Both belong to the queue from now on. */
  pushSplit({ head, start, tail, end }: SplitFrame): void {
    // Neighbours of the head are one with it only if all of them fit in one run.
    if (this.#unitBytes + head.length - start + end <= RUN_BYTES) this.push(head, start, head.length)
    else {
      this.bytes += head.length - start
      this.#append(head, start, head.length, 0)
      this.#unitBytes = head.length - start
    }
    this.bytes += end
    this.#append(tail, 0, end, 1)
    this.#unitBytes += end
  }

  /**
   * Moves the oldest runs, at most `maxBytes` of them but always one with what belongs to it, into `parts`, ready to be written, small ones copied together.
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
    for (; at < runs.length; at += STRIDE) {
      const length = lengthAt(runs, at)
      if (taken > 0 && runs[at + 3] === 0 && taken + unitLengthAt(runs, at) > maxBytes) break
      taken += length
      if (length < COPY_BELOW_BYTES) continue
      pushSmall(parts, runs, firstSmall, at)
      parts.push(sliceAt(runs, at))
      firstSmall = at + STRIDE
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
      for (let i = this.#head; i < at; i += STRIDE) runs[i] = 0
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
      const to = smallEnd(runs, at)
      let small = 0
      for (let i = at; i < to; i += STRIDE) small += lengthAt(runs, i)
      // A large run stays where it is, and so does one that has most of its buffer to itself.
      const own = to === at || (to === at + STRIDE && (runs[at] as Uint8Array).length <= 2 * small) ? undefined : joined(runs, at, to, small)
      runs[kept] = own ?? runs[at]!
      runs[kept + 1] = own === undefined ? runs[at + 1]! : 0
      runs[kept + 2] = own === undefined ? runs[at + 2]! : small
      runs[kept + 3] = runs[at + 3]!
      kept += STRIDE
      at = Math.max(to, at + STRIDE)
    }
    runs.length = kept
    this.#settled = kept
  }

  /** Calls `visit` with each run that still waits, oldest first; runs are sequences of whole frames. */
  forEach(visit: (bytes: Uint8Array, start: number, end: number) => void): void {
    const runs = this.#runs
    if (runs !== undefined) {
      for (let i = this.#head; i < runs.length; i += STRIDE) visit(runs[i] as Uint8Array, runs[i + 1] as number, runs[i + 2] as number)
    }
    if (this.#last !== undefined) visit(this.#last, this.#lastStart, this.#lastEnd)
  }

  /** Forgets everything. */
  clear(): void {
    this.bytes = 0
    this.#last = undefined
    this.#unitBytes = 0
    this.#forget()
  }

  #append(bytes: Uint8Array, start: number, end: number, goesOn: number): void {
    if (this.#last !== undefined) (this.#runs ??= []).push(this.#last, this.#lastStart, this.#lastEnd, this.#lastGoesOn)
    this.#last = bytes
    this.#lastStart = start
    this.#lastEnd = end
    this.#lastGoesOn = goesOn
  }

  #forget(): void {
    this.#runs = undefined
    this.#head = 0
    this.#settled = 0
  }

  #shelveLast(): void {
    if (this.#last === undefined) return
    this.#runs!.push(this.#last, this.#lastStart, this.#lastEnd, this.#lastGoesOn)
    this.#last = undefined
    this.#unitBytes = 0
  }

  #takeLast(parts: Uint8Array[]): number {
    const taken = this.bytes
    parts.push(slice(this.#last!, this.#lastStart, this.#lastEnd))
    this.#last = undefined
    this.#unitBytes = 0
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

/** Bytes of the run at `at` and of those that must not be parted from it. */
function unitLengthAt(runs: (Uint8Array | number)[], at: number): number {
  let length = lengthAt(runs, at)
  for (let next = at + STRIDE; next < runs.length && runs[next + 3] === 1; next += STRIDE) length += lengthAt(runs, next)
  return length
}

/** Where the small runs end that begin at `at` and may become one: of one unit, or units that are small as a whole, or the units would be one, too. */
function smallEnd(runs: (Uint8Array | number)[], at: number): number {
  let small = 0
  let wholeEnd = at
  let to = at
  for (; to < runs.length; to += STRIDE) {
    const isBegin = runs[to + 3] === 0
    // What goes on from the run before belongs to that one's unit alone.
    if (isBegin && to > at && runs[at + 3] === 1) return to
    if (isBegin) wholeEnd = to
    small += lengthAt(runs, to)
    if (lengthAt(runs, to) >= COPY_BELOW_BYTES || small > RUN_BYTES) break
  }
  const isWhole = to === runs.length || runs[to + 3] === 0
  return isWhole || wholeEnd === at ? to : wholeEnd
}

function sliceAt(runs: (Uint8Array | number)[], at: number): Uint8Array {
  return slice(runs[at] as Uint8Array, runs[at + 1] as number, runs[at + 2] as number)
}

/** The small runs in `[from, to)`: one alone goes by reference. */
function pushSmall(parts: Uint8Array[], runs: (Uint8Array | number)[], from: number, to: number): void {
  if (from === to) return
  if (to - from === STRIDE) {
    parts.push(sliceAt(runs, from))
    return
  }
  let length = 0
  for (let at = from; at < to; at += STRIDE) length += lengthAt(runs, at)
  parts.push(joined(runs, from, to, length))
}

/** The runs in `[from, to)` in a buffer of their own. */
function joined(runs: (Uint8Array | number)[], from: number, to: number, length: number): Uint8Array {
  const all = new Uint8Array(length)
  let at = 0
  for (let i = from; i < to; i += STRIDE) {
    const part = sliceAt(runs, i)
    all.set(part, at)
    at += part.length
  }
  return all
}
