/** How long and how often things are measured. */
export interface Plan {
  readonly rounds: number
  /** One round of calls, and what is thrown away before the first. */
  readonly callMs: number
  readonly warmUpMs: number
  /** Edges in the case of many edges with one call each. */
  readonly manyEdges: number
  readonly streamBytes: number
  readonly streamWarmUpBytes: number
  readonly idleRounds: number
  readonly idleEdges: number
  /** How long idle edges are left alone before memory is read. */
  readonly idleMs: number
}

const MIB = 1024 * 1024

/** A few minutes. */
export const fullPlan: Plan = {
  rounds: 5,
  callMs: 2000,
  warmUpMs: 1500,
  manyEdges: 1000,
  streamBytes: 1024 * MIB,
  streamWarmUpBytes: 512 * MIB,
  idleRounds: 3,
  idleEdges: 10_000,
  idleMs: 20_000,
}

/** About a minute. */
export const quickPlan: Plan = {
  ...fullPlan,
  rounds: 3,
  callMs: 600,
  warmUpMs: 600,
  streamWarmUpBytes: 256 * MIB,
  idleRounds: 1,
  idleMs: 3000,
}

/** A second or two: shows that everything still runs, measures nothing. */
export const tinyPlan: Plan = {
  rounds: 1,
  callMs: 30,
  warmUpMs: 10,
  manyEdges: 20,
  streamBytes: 4 * MIB,
  streamWarmUpBytes: MIB,
  idleRounds: 1,
  idleEdges: 50,
  idleMs: 50,
}
