import { writeSync } from 'node:fs'

import { displayWidth, truncated } from './display-width.js'
import type { Output } from './output.js'
import { styled, type Span } from './style.js'

const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'

/** A terminal's second screen that is drawn over and over: what was there before is there again after it, however the program ends. */
export class LiveScreen implements Disposable {
  readonly #out: Output
  readonly #resize: Disposable
  readonly #leave = (): void => {
    writeSync(1, LEAVE)
  }
  #lines: readonly (readonly Span[])[] = []

  constructor(out: Output) {
    this.#out = out
    this.#resize = out.onResize(() => void this.#paint())
    // Also on an uncaught fault: a terminal without a cursor is of no use to anybody.
    process.once('exit', this.#leave)
    void out.write(ENTER)
  }

  /** Shows these lines from the top; what is too long, or below the last row, is not shown. */
  async draw(lines: readonly (readonly Span[])[]): Promise<void> {
    this.#lines = lines
    await this.#paint()
  }

  [Symbol.dispose](): void {
    this.#resize[Symbol.dispose]()
    process.off('exit', this.#leave)
    this.#leave()
  }

  async #paint(): Promise<void> {
    const { columns, rows } = this.#out
    const shown = this.#lines.slice(0, rows).map((line) => `${cut(line, columns, this.#out)}\x1b[K`)
    await this.#out.write(`\x1b[H${shown.join('\r\n')}\x1b[J`)
  }
}

/** A line in `width` columns at most. */
function cut(line: readonly Span[], width: number, out: Output): string {
  let left = width
  return line
    .map(({ text, style }) => {
      const shown = left > 0 ? truncated(text, left) : ''
      left -= displayWidth(shown)
      return style === undefined || shown === '' ? shown : styled(out, style, shown)
    })
    .join('')
}
