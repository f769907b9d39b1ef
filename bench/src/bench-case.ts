import type { BenchOptions } from './bench-options.js'
import type { Child } from './process/child.js'
import type { Result } from './result.js'

/** What a case is given. */
export interface BenchContext {
  readonly options: BenchOptions
  /** Tells whoever waits what is being done. */
  say(text: string): void
  /** Sees to it that a process is ended with the case. */
  own(child: Child): void
}

/** Measures one thing in all its variants. */
export type BenchCase = (context: BenchContext) => Promise<Result[]>
