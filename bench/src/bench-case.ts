import type { BenchOptions } from './bench-options.js'
import type { Result } from './result.js'

/** What is ended with the case that has started it. */
export interface Stoppable {
  stop(): Promise<void>
}

/** What a case is given. */
export interface BenchContext {
  readonly options: BenchOptions
  /** Tells whoever waits what is being done. */
  say(text: string): void
  /** Sees to it that a process, say, is ended with the case. */
  own(owned: Stoppable): void
  /** Notes that a peer is not measured, and why. */
  missing(peer: string, why: string): void
}

/** Measures one thing in all its variants. */
export type BenchCase = (context: BenchContext) => Promise<Result[]>
