import { setImmediate, setTimeout as sleep } from 'node:timers/promises'

import type { Edge } from '@frontier/edge'

import { dialEdge, openBenchLinks, type BenchLinks } from './bench-links.js'
import type { BenchPlan } from './bench-plan.js'
import { Tally } from './tally.js'

/** A load as it runs, and what it came to. */
export interface Load {
  readonly tally: Tally
  /** Of the time that counts: without what it takes to connect; with idle edges, only that. */
  elapsedMs: number
  /** Part of the planned time that is over, 0 to 1. */
  part: number
  /** Edges that are connected now, and links that were lost. */
  online: number
  lost: number
}

const CHUNK_BYTES = 64 * 1024

/** Runs `plan` until its time is up, or `stop` aborts; `load` tells how it goes. Rejects when it cannot connect. */
export async function runLoad(plan: BenchPlan, load: Load, stop: AbortSignal): Promise<void> {
  if (plan.workload === 'idle') return runIdle(plan, load, stop)
  using links = await openBenchLinks(plan, stop)
  load.online = links.edges.length
  let isEnding = false
  for (const { closed } of links.edges) void closed.then(() => (load.lost += isEnding ? 0 : 1))
  const operate = operationOf(plan, links)
  const begin = performance.now()
  const isOver = (): boolean => {
    load.elapsedMs = performance.now() - begin
    load.part = load.elapsedMs / plan.durationMs
    return stop.aborted || load.part >= 1
  }
  const work = async (worker: number): Promise<void> => {
    while (!isOver()) {
      const began = performance.now()
      try {
        await operate(worker, stop)
        load.tally.done(performance.now() - began, plan.sizeBytes)
      } catch (error) {
        if (stop.aborted) return
        load.tally.failed(error)
        // What fails at once must not keep the process from everything else.
        await setImmediate()
      }
    }
  }
  await Promise.all(Array.from({ length: plan.concurrency }, (_, worker) => work(worker)))
  load.elapsedMs = performance.now() - begin
  isEnding = true
}

/** A load that has not begun. */
export function newLoad(): Load {
  return { tally: new Tally(), elapsedMs: 0, part: 0, online: 0, lost: 0 }
}

type Operation = (worker: number, signal: AbortSignal) => Promise<unknown>

function operationOf({ workload, direction, sizeBytes, timeoutMs }: BenchPlan, { service, edges, name }: BenchLinks): Operation {
  const data = new Uint8Array(sizeBytes)
  const edgeOf = (worker: number): Edge => edges[worker % edges.length]!
  if (workload === 'streams') {
    return async (worker, signal) => {
      const options = { signal, timeoutMs }
      const stream = direction === 'to-edges' ? await service.openStream(edgeOf(worker).id, options) : await edgeOf(worker).openStream(name, options)
      for (let at = 0; at < sizeBytes; at += CHUNK_BYTES) await stream.write(data.subarray(at, at + CHUNK_BYTES), { signal })
      await stream.closeWrite()
      // The other side ends its direction when it has read all of ours.
      for await (const _ of stream);
    }
  }
  if (direction === 'to-services') {
    if (workload === 'calls') return (worker, signal) => edgeOf(worker).call(name, data, { signal })
    return (worker, signal) => edgeOf(worker).publish(name, data, { signal })
  }
  if (workload === 'calls') return (worker, signal) => service.call(edgeOf(worker).id, name, data, { signal })
  return (worker, signal) => service.publish(edgeOf(worker).id, data, { signal })
}

/** Connects all edges, as many at a time as `concurrency` says, and keeps them for the planned time. */
async function runIdle(plan: BenchPlan, load: Load, stop: AbortSignal): Promise<void> {
  const edges: Edge[] = []
  const begin = performance.now()
  let asked = 0
  const isStopped = (): boolean => stop.aborted
  let isEnding = false
  const dial = async (): Promise<void> => {
    while (asked < plan.edges && !isStopped()) {
      asked++
      const began = performance.now()
      try {
        const edge = await dialEdge(plan, stop, 'frontier-bench')
        load.tally.done(performance.now() - began, 0)
        edges.push(edge)
        load.online++
        void edge.closed.then(() => {
          if (isEnding) return
          load.online--
          load.lost++
        })
      } catch (error) {
        if (isStopped()) return
        load.tally.failed(error)
        // Nobody there: the others would not fare better.
        if (edges.length === 0) throw error
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(plan.concurrency, plan.edges) }, dial))
    load.elapsedMs = performance.now() - begin
    const keptFrom = performance.now()
    while (!stop.aborted && load.part < 1) {
      await sleep(50)
      load.part = (performance.now() - keptFrom) / plan.durationMs
    }
  } finally {
    isEnding = true
    for (const edge of edges) edge.abort()
  }
}
