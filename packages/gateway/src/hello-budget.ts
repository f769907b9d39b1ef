/** What all HELLOs that are not answered yet may hold together, in bytes. */
export const HELLO_BUDGET_BYTES = 67_108_864

/** Counts the bytes of all unanswered HELLOs of a gateway: those who are let in later must not fill the memory before. */
export class HelloBudget {
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes: number = HELLO_BUDGET_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** Bytes taken now. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes `bytes`; false = there is no room, and none were taken. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) return false
    this.#bytes += bytes
    return true
  }

  /** Gives `bytes` back. */
  release(bytes: number): void {
    this.#bytes -= bytes
  }
}
