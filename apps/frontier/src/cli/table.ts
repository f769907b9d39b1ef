import { displayWidth, truncated } from './display-width.js'
import { escapeControls } from './escape.js'
import type { Output } from './output.js'
import { styled } from './style.js'

/** One column of a {@link Table}. */
export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Gives way when the terminal is narrow; the others are shown whole. */
  readonly isFlexible?: boolean
}

const GAP = 2
const LEAST_FLEXIBLE = 6

/**
 * Writes rows below a line of titles, aligned. In a terminal no line is longer than its width: cells of flexible columns end with an ellipsis
 * instead. Elsewhere all cells are whole, and an empty one is `-`.
 */
export class Table {
  readonly #columns: readonly Column[]
  readonly #out: Output
  #widths: number[] | undefined

  constructor(out: Output, columns: readonly Column[]) {
    this.#out = out
    this.#columns = columns
  }

  /** Writes more rows; the widths are those that the first ones ask for. */
  async write(rows: readonly (readonly string[])[]): Promise<void> {
    const cells = rows.map((row) => row.map((cell) => (cell === '' ? '-' : escapeControls(cell))))
    let text = ''
    if (this.#widths === undefined) {
      this.#widths = this.#widthsFor(cells)
      text = `${styled(this.#out, 'bold', this.#line(this.#columns.map(({ title }) => title)))}\n`
    }
    for (const row of cells) text += `${this.#line(row)}\n`
    await this.#out.write(text)
  }

  #widthsFor(rows: readonly (readonly string[])[]): number[] {
    const widths = this.#columns.map(({ title }, at) => rows.reduce((widest, row) => Math.max(widest, displayWidth(row[at]!)), title.length))
    if (!this.#out.isTerminal) return widths
    let over = widths.reduce((sum, width) => sum + width + GAP, -GAP) - this.#out.columns
    while (over > 0) {
      // The widest gives way first.
      let widest = -1
      this.#columns.forEach(({ isFlexible }, at) => {
        if (isFlexible === true && widths[at]! > LEAST_FLEXIBLE && (widest < 0 || widths[at]! > widths[widest]!)) widest = at
      })
      if (widest < 0) break
      widths[widest]!--
      over--
    }
    return widths
  }

  #line(cells: readonly string[]): string {
    const line = this.#columns.map(({ align, isFlexible }, at) => {
      const width = this.#widths![at]!
      const text = this.#out.isTerminal && isFlexible === true ? truncated(cells[at]!, width) : cells[at]!
      const padding = ' '.repeat(Math.max(0, width - displayWidth(text)))
      return align === 'right' ? padding + text : text + padding
    })
    const text = line.join(' '.repeat(GAP)).trimEnd()
    return this.#out.isTerminal ? truncated(text, this.#out.columns) : text
  }
}

/** Names beside their values, one a line. */
export async function writeFields(out: Output, fields: readonly (readonly [name: string, value: string])[]): Promise<void> {
  const width = Math.max(...fields.map(([name]) => name.length))
  const lines = fields.map(([name, value]) => `${styled(out, 'bold', name.padEnd(width))}  ${value === '' ? '-' : escapeControls(value)}\n`)
  await out.write(lines.join(''))
}
