import type { Load, RoundPlan } from './parties/measure-requests.js'

/** How long and how often things are measured. */
export interface Plan {
  /** Calls and messages. */
  readonly callPlan: RoundPlan
  /** Calls on one edge. */
  readonly callLoads: readonly Load[]
  readonly messagesInFlight: readonly number[]
  readonly tlsLoads: readonly Load[]
  readonly peersInFlight: readonly number[]
  readonly bridges: BridgesPlan
  readonly scalingPlan: RoundPlan
  readonly scalingInFlight: number
  readonly scalingEdges: readonly number[]
  readonly scalingMethods: readonly number[]
  readonly stuckPlan: RoundPlan
  readonly stuckEdges: number
  /** Edges in the case of many edges with one call each. */
  readonly manyEdges: number
  readonly streamRounds: number
  readonly streamBytes: number
  readonly streamWarmUpBytes: number
  /** The cases streams, beside and long-path. */
  readonly streams: StreamsPlan
  readonly connectRounds: number
  /** Connects per round: as many edges, which leave behind it. */
  readonly connectEdges: number
  /** Edges that a gateway loses when it is restarted. */
  readonly restartEdges: number
  /** Each number of idle edges that is measured, how long they are left alone before memory is read, and how often. */
  readonly idle: readonly { readonly edges: number; readonly idleMs: number; readonly rounds: number }[]
}

/** Messages into brokers. */
export interface BridgesPlan {
  readonly plan: RoundPlan
  readonly edges: number
  /** Over all edges. */
  readonly inFlight: readonly number[]
  /** How long the broker is stopped, while edges publish so many messages. */
  readonly hangMs: number
  readonly floodPerSecond: number
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
  /** How many edges open them. */
  readonly sharingEdges: readonly number[]
  /** Speeds of the long path; 0: as fast as this machine can. Without any the case is left out. */
  readonly longPathMegabits: readonly number[]
}

const MIB = 1024 * 1024
/** A megabyte on the way. Of much more, the shipped limits refuse what one sender has queued at a receiver beyond an eighth of its mark. */
const LARGE: Load = { size: 16_384, inFlight: 64 }

/** A few minutes. */
export const fullPlan: Plan = {
  // Many short rounds: a disturbance spoils some of them, not all.
  callPlan: { rounds: 9, roundMs: 400, warmUpMs: 800 },
  callLoads: [...[1, 8, 64, 512].map((inFlight) => ({ size: 64, inFlight })), { size: 1024, inFlight: 512 }, LARGE],
  messagesInFlight: [1, 512],
  tlsLoads: [
    { size: 64, inFlight: 1 },
    { size: 64, inFlight: 512 },
    { size: 1024, inFlight: 512 },
    LARGE,
  ],
  peersInFlight: [1, 512],
  // A JVM takes seconds to be as fast as it will be. While the broker hangs twice as much comes as may wait, also where a busy machine does not keep the pace.
  bridges: { plan: { rounds: 5, roundMs: 600, warmUpMs: 2500 }, edges: 100, inFlight: [100, 1000], hangMs: 3000, floodPerSecond: 40_000 },
  scalingPlan: { rounds: 5, roundMs: 400, warmUpMs: 500 },
  scalingInFlight: 512,
  scalingEdges: [1, 10, 100, 1000, 10_000],
  scalingMethods: [1, 10, 100, 1000],
  stuckPlan: { rounds: 9, roundMs: 1000, warmUpMs: 3000 },
  stuckEdges: 1000,
  manyEdges: 1000,
  streamRounds: 5,
  streamBytes: 1024 * MIB,
  streamWarmUpBytes: 512 * MIB,
  streams: { rounds: 5, ms: 1000, rampMs: 300, longRampMs: 1500, sharingStreams: 100, sharingEdges: [1, 100], longPathMegabits: [400, 0] },
  connectRounds: 9,
  connectEdges: 3000,
  restartEdges: 15_000,
  // The shorter ones are for the plot.
  idle: [
    { edges: 1000, idleMs: 5000, rounds: 1 },
    { edges: 5000, idleMs: 10_000, rounds: 1 },
    { edges: 15_000, idleMs: 60_000, rounds: 1 },
  ],
}

/** About a minute. */
export const quickPlan: Plan = {
  ...fullPlan,
  callPlan: { rounds: 3, roundMs: 100, warmUpMs: 120 },
  callLoads: [1, 512].map((inFlight) => ({ size: 64, inFlight })),
  messagesInFlight: [512],
  manyEdges: 250,
  tlsLoads: [{ size: 64, inFlight: 512 }],
  peersInFlight: [512],
  bridges: { plan: { rounds: 3, roundMs: 250, warmUpMs: 1000 }, edges: 100, inFlight: [1000], hangMs: 2000, floodPerSecond: 60_000 },
  scalingPlan: { rounds: 2, roundMs: 100, warmUpMs: 100 },
  scalingEdges: [1, 100],
  scalingMethods: [1, 1000],
  stuckPlan: { rounds: 3, roundMs: 250, warmUpMs: 1000 },
  stuckEdges: 300,
  streamRounds: 2,
  streamBytes: 256 * MIB,
  streamWarmUpBytes: 128 * MIB,
  streams: { ...fullPlan.streams, rounds: 2, ms: 300, rampMs: 200, sharingEdges: [1], longPathMegabits: [] },
  connectRounds: 3,
  connectEdges: 1000,
  restartEdges: 1000,
  idle: [{ edges: 2000, idleMs: 2000, rounds: 1 }],
}

/** A second or two: shows that everything still runs, measures nothing. */
export const tinyPlan: Plan = {
  callPlan: { rounds: 1, roundMs: 20, warmUpMs: 5 },
  callLoads: [
    { size: 64, inFlight: 1 },
    { size: 64, inFlight: 16 },
    { size: 1024, inFlight: 16 },
  ],
  messagesInFlight: [16],
  tlsLoads: [{ size: 64, inFlight: 16 }],
  peersInFlight: [16],
  bridges: { plan: { rounds: 1, roundMs: 20, warmUpMs: 5 }, edges: 10, inFlight: [20], hangMs: 50, floodPerSecond: 2000 },
  scalingPlan: { rounds: 1, roundMs: 20, warmUpMs: 5 },
  scalingInFlight: 16,
  scalingEdges: [1, 20],
  scalingMethods: [10],
  stuckPlan: { rounds: 1, roundMs: 50, warmUpMs: 50 },
  stuckEdges: 100,
  manyEdges: 20,
  streamRounds: 1,
  streamBytes: 4 * MIB,
  streamWarmUpBytes: MIB,
  streams: { rounds: 1, ms: 100, rampMs: 20, longRampMs: 50, sharingStreams: 10, sharingEdges: [1, 10], longPathMegabits: [400, 0] },
  connectRounds: 1,
  connectEdges: 20,
  restartEdges: 20,
  idle: [{ edges: 50, idleMs: 50, rounds: 1 }],
}
