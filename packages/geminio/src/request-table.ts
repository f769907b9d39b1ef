const MAX_ID = 0xffff_ffff
const LEAST_SLOTS = 16
/** A table that has grown beyond this gives its memory back when it is empty. */
const KEPT_SLOTS = 1024

/** What stands in a table; the table gives it its id. */
export interface Numbered {
  id: number
}

/**
 * Requests by id. Ids count up through all of u32 but 0, so that none comes again before 2^20 others, passing over places that are still taken: the
 * low bits of an id are its place. A Map cost three times as much per request (docs/performance.md).
 */
export class RequestTable<T extends Numbered> {
  #slots: (T | undefined)[] = []
  #size = 0
  #last: number

  constructor(last = 0) {
    this.#last = last
  }

  get size(): number {
    return this.#size
  }

  get(id: number): T | undefined {
    const request = this.#slots[id & (this.#slots.length - 1)]
    return request?.id === id ? request : undefined
  }

  /** Gives `request` the next free id and keeps it. */
  add(request: T): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow()
    request.id = this.nextId()
    this.#slots[request.id & (this.#slots.length - 1)] = request
    this.#size++
  }

  /** An id for something that is not kept. */
  nextId(): number {
    const mask = this.#slots.length - 1
    do {
      this.#last = this.#last === MAX_ID ? 1 : this.#last + 1
    } while (this.#slots[this.#last & mask] !== undefined)
    return this.#last
  }

  /** Forgets `request`; nothing happens when it is not here. */
  delete(request: T): void {
    const place = request.id & (this.#slots.length - 1)
    if (this.#slots[place] !== request) return
    this.#slots[place] = undefined
    this.#size--
    if (this.#size === 0 && this.#slots.length > KEPT_SLOTS) this.#slots = []
  }

  /** All of them, in no order. */
  list(): T[] {
    return this.#slots.filter((request) => request !== undefined)
  }

  #grow(): void {
    const old = this.#slots
    const slots = new Array<T | undefined>(Math.max(LEAST_SLOTS, old.length * 2)).fill(undefined)
    for (const request of old) if (request !== undefined) slots[request.id & (slots.length - 1)] = request
    this.#slots = slots
  }
}
