import { truncated } from './display-width.js'
import type { Output } from './output.js'

/** One line at the bottom of a terminal that is written over; nothing anywhere else. */
export class ProgressLine implements AsyncDisposable {
  readonly #out: Output
  #isShown = false

  constructor(out: Output) {
    this.#out = out
  }

  /** `part` of the whole, 0 to 1, as a bar, with `text` behind it. */
  async show(part: number, text: string): Promise<void> {
    if (!this.#out.isTerminal) return
    const width = Math.max(10, Math.min(40, this.#out.columns - 60))
    const done = Math.round(width * Math.min(1, part))
    const line = `${'█'.repeat(done)}${'░'.repeat(width - done)} ${String(Math.round(part * 100)).padStart(3)}%  ${text}`
    this.#isShown = true
    await this.#out.write(`\r${truncated(line, this.#out.columns - 1)}\x1b[K`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isShown) return
    this.#isShown = false
    await this.#out.write('\r\x1b[K')
  }
}
