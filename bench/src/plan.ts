import type { RoundPlan } from './parties/measure-requests.js'

/** How long and how often things are measured. */
export interface Plan {
  /** Calls and messages. */
  readonly callPlan: RoundPlan
  /** Calls of 64 B in flight on one edge. */
  readonly callsInFlight: readonly number[]
  /** Further payloads, at the most calls in flight. */
  readonly callSizes: readonly number[]
  readonly messagesInFlight: readonly number[]
  /** Edges in the case of many edges with one call each. */
  readonly manyEdges: number
  readonly streamRounds: number
  readonly streamBytes: number
  readonly streamWarmUpBytes: number
  /** The cases streams, beside and long-path. */
  readonly streams: StreamsPlan
  readonly idleRounds: number
  readonly idleEdges: number
  /** How long idle edges are left alone before memory is read. */
  readonly idleMs: number
}

/** How long the cases of many and of disturbed streams take. */
export interface StreamsPlan {
  readonly rounds: number
  /** What one round measures. */
  readonly ms: number
  /** How long a stream has run before a round looks at it. */
  readonly rampMs: number
  /** The same where a round trip takes 100 ms. */
  readonly longRampMs: number
  readonly sharingStreams: number
}

const MIB = 1024 * 1024

/** A few minutes. */
export const fullPlan: Plan = {
  // Many short rounds: a disturbance spoils some of them, not all.
  callPlan: { rounds: 9, roundMs: 400, warmUpMs: 800 },
  callsInFlight: [1, 8, 64, 512],
  callSizes: [1024, 16_384],
  messagesInFlight: [1, 512],
  manyEdges: 1000,
  streamRounds: 5,
  streamBytes: 1024 * MIB,
  streamWarmUpBytes: 512 * MIB,
  streams: { rounds: 5, ms: 1000, rampMs: 300, longRampMs: 1500, sharingStreams: 100 },
  idleRounds: 3,
  idleEdges: 10_000,
  idleMs: 20_000,
}

/** About a minute. */
export const quickPlan: Plan = {
  ...fullPlan,
  callPlan: { rounds: 3, roundMs: 150, warmUpMs: 200 },
  callsInFlight: [1, 512],
  callSizes: [],
  streamRounds: 3,
  streamBytes: 512 * MIB,
  streamWarmUpBytes: 256 * MIB,
  streams: { ...fullPlan.streams, rounds: 1, ms: 500 },
  idleRounds: 1,
  idleMs: 3000,
}

/** A second or two: shows that everything still runs, measures nothing. */
export const tinyPlan: Plan = {
  callPlan: { rounds: 1, roundMs: 20, warmUpMs: 5 },
  callsInFlight: [1, 16],
  callSizes: [1024],
  messagesInFlight: [16],
  manyEdges: 20,
  streamRounds: 1,
  streamBytes: 4 * MIB,
  streamWarmUpBytes: MIB,
  streams: { rounds: 1, ms: 100, rampMs: 20, longRampMs: 50, sharingStreams: 10 },
  idleRounds: 1,
  idleEdges: 50,
  idleMs: 50,
}
