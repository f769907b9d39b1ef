/** What a {@link LinkedQueue} needs of its elements: room for its links. One element is in at most one queue. */
export interface Queued<T extends Queued<T>> {
  queue: LinkedQueue<T> | undefined
  queuePrevious: T | undefined
  queueNext: T | undefined
}

/** A queue whose elements carry its links: an element leaves from the middle, when it is cancelled, in constant time and leaves nothing behind. */
export class LinkedQueue<T extends Queued<T>> {
  #first: T | undefined = undefined
  #last: T | undefined = undefined
  #size = 0

  get first(): T | undefined {
    return this.#first
  }

  get size(): number {
    return this.#size
  }

  push(element: T): void {
    const last = this.#last
    element.queue = this
    element.queuePrevious = last
    if (last === undefined) this.#first = element
    else last.queueNext = element
    this.#last = element
    this.#size++
  }

  unshift(element: T): void {
    const first = this.#first
    element.queue = this
    element.queueNext = first
    if (first === undefined) this.#last = element
    else first.queuePrevious = element
    this.#first = element
    this.#size++
  }

  shift(): T | undefined {
    const first = this.#first
    if (first !== undefined) this.remove(first)
    return first
  }

  /** Takes `element` out; nothing happens when it is not in this queue. */
  remove(element: T): void {
    if (element.queue !== this) return
    const { queuePrevious, queueNext } = element
    if (queuePrevious === undefined) this.#first = queueNext
    else queuePrevious.queueNext = queueNext
    if (queueNext === undefined) this.#last = queuePrevious
    else queueNext.queuePrevious = queuePrevious
    element.queue = undefined
    element.queuePrevious = undefined
    element.queueNext = undefined
    this.#size--
  }
}
