/**
 * Who holds which name. A name with one holder costs no set: gateways whose edges each register a method of their own
 * name are as cheap as those whose edges all register the same.
 */
export class NameIndex<R extends object> {
  readonly #holders = new Map<string, R | Set<R>>()

  /** False when `record` had the name already. */
  add(name: string, record: R): boolean {
    const holders = this.#holders.get(name)
    if (holders === undefined) {
      this.#holders.set(name, record)
      return true
    }
    if (holders instanceof Set) {
      const before = holders.size
      return holders.add(record).size > before
    }
    if (holders === record) return false
    this.#holders.set(name, new Set([holders, record]))
    return true
  }

  /** False when `record` did not have the name. */
  delete(name: string, record: R): boolean {
    const holders = this.#holders.get(name)
    if (!(holders instanceof Set)) return holders === record && this.#holders.delete(name)
    if (!holders.delete(record)) return false
    if (holders.size === 0) this.#holders.delete(name)
    return true
  }

  has(name: string, record: R): boolean {
    const holders = this.#holders.get(name)
    return holders instanceof Set ? holders.has(record) : holders === record
  }

  /** How many hold `name`. */
  count(name: string): number {
    const holders = this.#holders.get(name)
    if (holders === undefined) return 0
    return holders instanceof Set ? holders.size : 1
  }

  /** All that hold `name`. */
  holders(name: string): Iterable<R> {
    const holders = this.#holders.get(name)
    if (holders === undefined) return []
    return holders instanceof Set ? holders : [holders]
  }

  /** All names that someone holds. */
  names(): Iterable<string> {
    return this.#holders.keys()
  }
}
