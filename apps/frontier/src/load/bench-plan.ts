import type { TlsMaterial } from '../cli/connection.js'

/** What is done over and over. */
export type Workload = 'calls' | 'messages' | 'streams' | 'idle'

/** A load to put on a gateway. */
export interface BenchPlan {
  readonly workload: Workload
  /** Who asks: a service its edges, or edges the service. */
  readonly direction: 'to-edges' | 'to-services'
  readonly edgebound: string
  readonly servicebound: string
  readonly edges: number
  /** Calls, messages or streams under way at one time; edges dialled at one time. */
  readonly concurrency: number
  /** Payload of a call, a message or a stream. */
  readonly sizeBytes: number
  readonly durationMs: number
  /** How long connecting and each operation may take; what takes longer has failed. */
  readonly timeoutMs: number
  readonly edgeToken: string | undefined
  readonly serviceToken: string | undefined
  readonly tls: TlsMaterial
}

/** What is used when the command line does not say. */
export const presets: Readonly<Record<Workload, { edges: number; concurrency: number; sizeBytes: number }>> = {
  calls: { edges: 1, concurrency: 64, sizeBytes: 64 },
  messages: { edges: 1, concurrency: 64, sizeBytes: 64 },
  streams: { edges: 1, concurrency: 8, sizeBytes: 1024 * 1024 },
  idle: { edges: 1000, concurrency: 64, sizeBytes: 0 },
}
