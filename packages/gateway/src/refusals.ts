/** Counts links by why they are over, or were never let in: an error code, or what the listener made of the first bytes. */
export class Refusals {
  readonly #counts = new Map<string, number>()

  add(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  /** The counts now, by reason. */
  snapshot(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}
