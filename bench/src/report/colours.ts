/** Colours that people with any colour vision tell apart, on white and on black. */
const PALETTE = [
  ['#0067b0', '#56b4e9'],
  ['#c84a00', '#ff8c42'],
  ['#00795a', '#2fc79b'],
  ['#a3418a', '#e08bc8'],
  ['#8a6a00', '#e6c229'],
  ['#5b4bc4', '#a99bff'],
] as const

/** Bare sockets are grey: they are what the others are held against. */
const BARE = /^(relay|splice|reference)\b/

/** The style sheet's part for lines and bars. */
export const colourCss: string = [
  ':root{--bare:#666}',
  ...PALETTE.map(([light], index) => `:root{--c${index}:${light}}`),
  `@media (prefers-color-scheme: dark){:root{--bare:#aaa;${PALETTE.map(([, dark], index) => `--c${index}:${dark}`).join(';')}}}`,
].join('\n')

/** The same colour for the same label everywhere on a page. */
export class Colours {
  readonly #given = new Map<string, string>()

  /** A CSS colour. */
  of(label: string): string {
    if (BARE.test(label)) return 'var(--bare)'
    const given = this.#given.get(label) ?? `var(--c${this.#given.size % PALETTE.length})`
    this.#given.set(label, given)
    return given
  }
}
