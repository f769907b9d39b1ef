import type { Stats } from '@frontier/controlplane/api'

import { millisecondsOf } from './moment.js'

/** What is told of a gateway at one moment; rates are those since the look before. */
export interface Sample {
  readonly atMs: number
  readonly upMs: number
  readonly frontierId: string
  readonly isDraining: boolean
  readonly edges: number
  readonly services: number
  readonly pending: number
  readonly memoryBytes: number
  readonly latencyP50Ms: number
  readonly latencyP99Ms: number
  readonly loopDelayP99Ms: number
  readonly roundTripMs: number
  readonly perSecond: Readonly<Record<Rate, number>>
  /** Since the gateway's start. */
  readonly totals: Readonly<Record<Rate, number>>
  /** Links not let in and links that ended since the look before, by code. */
  readonly refusedLinks: Readonly<Record<string, number>>
  readonly endedLinks: Readonly<Record<string, number>>
}

/** What is counted, and shown as a rate. */
export type Rate = 'calls' | 'messages' | 'answers' | 'streams' | 'bytesIn' | 'bytesOut' | 'refusals' | 'expired'

/** Makes samples of counts. */
export class TopHistory {
  #last: { stats: Stats; totals: Record<Rate, number> } | undefined

  /** The sample that `stats` makes with those before; undefined for the first, and for the first of a gateway that was started anew. */
  add(stats: Stats, roundTripMs: number): Sample | undefined {
    const totals = totalsOf(stats)
    const last = this.#last
    this.#last = { stats, totals }
    if (last === undefined || last.stats.startId !== stats.startId) return undefined
    const atMs = millisecondsOf(stats.at) ?? 0
    const seconds = Math.max(1, atMs - (millisecondsOf(last.stats.at) ?? 0)) / 1000
    const rates = Object.entries(totals).map(([name, total]) => [name, Math.max(0, total - last.totals[name as Rate]) / seconds])
    return {
      atMs,
      upMs: atMs - (millisecondsOf(stats.startedAt) ?? atMs),
      frontierId: stats.frontierId,
      isDraining: stats.draining,
      edges: Number(stats.edges),
      services: Number(stats.services),
      pending: Number(stats.pending),
      memoryBytes: Number(stats.memoryBytes),
      latencyP50Ms: millisecondsOf(stats.latencyP50) ?? Number.NaN,
      latencyP99Ms: millisecondsOf(stats.latencyP99) ?? Number.NaN,
      loopDelayP99Ms: millisecondsOf(stats.loopDelayP99) ?? Number.NaN,
      roundTripMs,
      perSecond: Object.fromEntries(rates) as Record<Rate, number>,
      totals,
      refusedLinks: growth(last.stats.refused, stats.refused),
      endedLinks: growth(last.stats.ended, stats.ended),
    }
  }
}

function totalsOf(stats: Stats): Record<Rate, number> {
  const links = Object.values(stats.refused).reduce((sum, count) => sum + count, 0n)
  return {
    calls: Number(stats.calls),
    messages: Number(stats.messages),
    answers: Number(stats.answers),
    streams: Number(stats.streamsOpened),
    bytesIn: Number(stats.bytesIn),
    bytesOut: Number(stats.bytesOut),
    refusals: Number(stats.bufferFull + stats.notOnline + stats.streamsRefused + links),
    expired: Number(stats.expired),
  }
}

function growth(before: Readonly<Record<string, bigint>>, after: Readonly<Record<string, bigint>>): Record<string, number> {
  const grown = Object.entries(after).map(([code, count]) => [code, Number(count - (before[code] ?? 0n))] as const)
  return Object.fromEntries(grown.filter(([, count]) => count > 0).sort())
}
