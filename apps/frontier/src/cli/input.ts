import { timestampOf } from './moment.js'
import type { ReadValue } from './read-value.js'

/** The values that a command line gave, already of the kind that the command asked for. */
export class Input {
  readonly #values: ReadonlyMap<string, readonly ReadValue[]>

  /** `values` has an entry for each positional and flag of the command, empty when it was not given. */
  constructor(values: ReadonlyMap<string, readonly ReadValue[]>) {
    this.#values = values
  }

  isSet(name: string): boolean {
    return this.#all(name).length > 0
  }

  text(name: string): string | undefined {
    return this.texts(name).at(-1)
  }

  texts(name: string): string[] {
    return this.#all(name).map(({ text }) => text)
  }

  /** An integer, a size in bytes, or a duration in milliseconds. */
  number(name: string): number | undefined {
    return this.#all(name).at(-1)?.number
  }

  id(name: string): bigint | undefined {
    return this.#all(name).at(-1)?.id
  }

  /** A moment, as the API has it. */
  time(name: string): { seconds: bigint; nanos: number } | undefined {
    const unixMs = this.number(name)
    return unixMs === undefined ? undefined : timestampOf(unixMs)
  }

  /** `--label a=b --label c=d` as an object. */
  labels(name: string): Record<string, string> {
    return Object.fromEntries(this.#all(name).map(({ text }) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]))
  }

  #all(name: string): readonly ReadValue[] {
    const found = this.#values.get(name)
    if (found === undefined) throw new TypeError(`the command does not declare ${name}`)
    return found
  }
}

/** What must be there, because the command's table says so. */
export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a needed argument was not checked')
  return value
}
