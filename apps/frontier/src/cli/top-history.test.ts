import { create } from '@bufbuild/protobuf'
import { StatsSchema, type Stats } from '@frontier/controlplane/api'
import { describe, expect, it } from 'vitest'

import { timestampOf } from './moment.js'
import { TopHistory } from './top-history.js'
import { rowTitles, sampleJson, sampleRow, screenLines } from './top-view.js'

const stats = (atMs: number, counts: Partial<Stats>): Stats =>
  create(StatsSchema, { startId: 'a', at: timestampOf(atMs), startedAt: timestampOf(0), latencyP50: timestampOf(0.25), loopDelayP99: timestampOf(2), ...counts } as never)

describe('TopHistory', () => {
  it('tells what changed in a second, since the look before', () => {
    const history = new TopHistory()
    expect(history.add(stats(10_000, { calls: 100n, bytesIn: 1n, refused: { TIMEOUT: 1n } }), 1)).toBeUndefined()
    const sample = history.add(
      stats(12_000, { calls: 1100n, bytesIn: 2001n, notOnline: 4n, bufferFull: 2n, refused: { TIMEOUT: 1n, UNAUTHENTICATED: 2n }, edges: 7n }),
      3,
    )
    expect(sample).toMatchObject({
      upMs: 12_000,
      edges: 7,
      perSecond: { calls: 500, bytesIn: 1000, refusals: 4, messages: 0 },
      totals: { calls: 1100, refusals: 9 },
      refusedLinks: { UNAUTHENTICATED: 2 },
      latencyP50Ms: 0.25,
      loopDelayP99Ms: 2,
      roundTripMs: 3,
    })
    expect(sample?.latencyP99Ms).toBeNaN()
  })

  it('begins anew with a gateway that was started anew', () => {
    const history = new TopHistory()
    history.add(stats(1000, { calls: 100n }), 1)
    expect(history.add(stats(2000, { calls: 1n, startId: 'b' }), 1)).toBeUndefined()
    expect(history.add(stats(3000, { calls: 3n, startId: 'b' }), 1)?.perSecond.calls).toBe(2)
  })
})

describe('what is shown of a sample', () => {
  const history = new TopHistory()
  history.add(stats(1000, {}), 1)
  const sample = history.add(stats(2000, { calls: 12_345n, frontierId: 'gw\u001b[2J', draining: true, ended: { EOF: 3n } }), 1)!

  it('a screen', () => {
    const lines = screenLines([sample, sample], 'http://x:1').map((spans) => spans.map(({ text }) => text).join(''))
    expect(lines[0]).toBe('frontier gw\\u001b[2J  draining  up 2s  http://x:1')
    expect(lines.find((line) => line.startsWith('calls/s'))).toBe('calls/s             12,345        12,345            12,345  ██')
    expect(lines).toContain('links ended    3 EOF')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(90)
  })

  it('a row below its titles', () => {
    expect(sampleRow(sample)).toHaveLength(rowTitles.length)
    expect(sampleRow(sample)).toContain('12345.0')
  })

  it('JSON, with null for what is not known', () => {
    expect(JSON.parse(JSON.stringify(sampleJson(sample)))).toMatchObject({ calls_per_second: 12345, latency_p50_us: 250, latency_p99_us: null })
  })
})
