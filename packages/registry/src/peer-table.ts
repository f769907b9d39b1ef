import type { NameIndex } from './name-index.js'
import type { Test } from './peer-filter.js'

/** "Holds this name in that index". */
export interface NameCondition<R extends object> {
  readonly index: NameIndex<R>
  /** Absent = any. */
  readonly name: string | undefined
}

/** What narrows a search before records are looked at one by one. */
export interface Narrowing<R extends object> {
  readonly id: bigint | undefined
  readonly names: readonly NameCondition<R>[]
}

/** The records of one role by id. Memory: one entry of a map each, whose key is the record's own id object. */
export class PeerTable<R extends object> {
  readonly #records = new Map<bigint, R>()

  get size(): number {
    return this.#records.size
  }

  get(id: bigint): R | undefined {
    return this.#records.get(id)
  }

  set(id: bigint, record: R): void {
    this.#records.set(id, record)
  }

  delete(id: bigint): void {
    this.#records.delete(id)
  }

  /** All that fit, in a new array, in no order that holds. */
  matches(narrowing: Narrowing<R>, tests: readonly Test<R>[]): R[] {
    const wanted = narrowing.names
      .flatMap(({ index, name }) => (name === undefined ? [] : [{ index, name, count: index.count(name) }]))
      .sort((a, b) => a.count - b.count)
    // The rarest name gives the candidates, which need not be asked for it again.
    const [rarest, ...others] = wanted
    const all: Test<R>[] = [...tests, ...others.map(({ index, name }): Test<R> => (record) => index.has(name, record))]
    let candidates: Iterable<R> = rarest === undefined ? this.#records.values() : rarest.index.holders(rarest.name)
    if (narrowing.id !== undefined) {
      const record = this.#records.get(narrowing.id)
      const isHolder = record !== undefined && (rarest === undefined || rarest.index.has(rarest.name, record))
      candidates = isHolder ? [record] : []
    }
    if (all.length === 0) return [...candidates]
    const found: R[] = []
    for (const record of candidates) if (all.every((test) => test(record))) found.push(record)
    return found
  }
}
