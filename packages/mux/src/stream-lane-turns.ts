import type { LaneStream } from './stream-lane-stream.js'

/** The streams of a lane that have something to send, in the order of their turns. */
export class Turns {
  #line: (LaneStream | undefined)[] = []
  #head = 0

  /** Puts a stream at the end of the line, unless it stands in it. */
  add(stream: LaneStream): void {
    if (stream.isInLine) return
    stream.isInLine = true
    this.#line.push(stream)
  }

  /** Takes the stream whose turn it is. */
  next(): LaneStream | undefined {
    const stream = this.#line[this.#head]
    if (stream === undefined) return undefined
    stream.isInLine = false
    this.#line[this.#head] = undefined
    this.#head++
    if (this.#head === this.#line.length || this.#head === 1024) {
      this.#line.splice(0, this.#head)
      this.#head = 0
    }
    return stream
  }

  get isEmpty(): boolean {
    return this.#line.length === 0
  }
}
