/** The names one peer has registered, oldest first. An array as long as nothing changes, since most peers say all they have in their hello; then a set besides. */
export class RegisteredNames {
  #list: readonly string[] | undefined = undefined
  #set: Set<string> | undefined = undefined

  /** Takes `names`, doubles left out. */
  constructor(names: readonly string[]) {
    this.#list = [...new Set(names)]
  }

  get size(): number {
    return this.#set === undefined ? this.#list!.length : this.#set.size
  }

  /** A list that does not change; the next change makes a new one. */
  get list(): readonly string[] {
    return (this.#list ??= [...this.#set!])
  }

  /** Adds a name; false when it was there. */
  add(name: string): boolean {
    const names = this.#names()
    if (names.has(name)) return false
    names.add(name)
    this.#list = undefined
    return true
  }

  /** Takes a name away; false when it was not there. */
  delete(name: string): boolean {
    if (!this.#names().delete(name)) return false
    this.#list = undefined
    return true
  }

  #names(): Set<string> {
    return (this.#set ??= new Set(this.#list))
  }
}
