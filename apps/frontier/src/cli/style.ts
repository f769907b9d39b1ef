import type { Output } from './output.js'

const codes = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' } as const

/** A way to set text apart. */
export type Style = keyof typeof codes

/** A piece of a line, set apart or not. */
export interface Span {
  readonly text: string
  readonly style?: Style
}

/** `text` in a style, where there are colours. */
export function styled({ hasColors }: Pick<Output, 'hasColors'>, style: Style, text: string): string {
  return hasColors ? `\x1b[${codes[style]}m${text}\x1b[0m` : text
}
