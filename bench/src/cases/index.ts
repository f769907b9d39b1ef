import type { BenchCase } from '../bench-case.js'
import type { CaseName } from '../case-names.js'
import { calls } from './calls.js'
import { idle } from './idle.js'
import { stream } from './stream.js'

/** The cases by name. */
export const cases: Record<CaseName, BenchCase> = { calls, stream, idle }
