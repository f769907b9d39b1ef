import { describe, expect, it } from 'vitest'

import { resultOf, type Result } from './result.js'
import { verdictsOf, verdictText } from './targets.js'

function calls(direction: string, rounds: number[], relay: number[]): Result {
  const params = { through: 'gateway', by: 'raw', direction, edges: 1, inFlight: 512, size: 64 }
  return resultOf({ name: 'calls', params, unit: 'calls/s' }, { values: rounds, perCpuSecond: rounds }, { values: relay, perCpuSecond: relay })
}

describe('verdictsOf', () => {
  const find = (results: Result[], what: string) => verdictsOf(results).find((verdict) => verdict.what.startsWith(what))

  it('takes the result that is farthest from the target', () => {
    const results = [calls('edge-to-service', [90, 90], [100, 100]), calls('service-to-edge', [70, 70], [100, 100])]
    const verdict = find(results, "calls, 512 in flight, raw frames: 0.8 of the relay's rate")!
    expect(verdict).toMatchObject({ worst: results[1], measured: 0.7, results: 2, isReached: false })
    expect(verdictText(verdict)).toBe('MISSED')
    expect(find(results.slice(0, 1), "calls, 512 in flight, raw frames: 0.8 of the relay's rate")!.isReached).toBe(true)
  })

  it('is content with one of several bounds', () => {
    const connects = (value: number, cpu: number) =>
      resultOf({ name: 'connects', params: { through: 'gateway', by: 'raw', hook: 'get_edge_id' }, unit: 'connects/s' }, { values: [value], perCpuSecond: [cpu] }, { values: [9000], perCpuSecond: [10_000] })
    expect(find([connects(4000, 5000)], 'connects with an id hook')).toMatchObject({ isReached: true, measured: 0.5 })
    expect(find([connects(4000, 3000)], 'connects with an id hook')).toMatchObject({ isReached: false })
    expect(find([connects(6000, 3000)], 'connects with an id hook')).toMatchObject({ isReached: true, measured: 6000 })
  })

  it('holds a figure against that of somebody else under the same load', () => {
    const peer = (through: string, by: string, inFlight: number, value: number) =>
      resultOf({ name: 'peers', params: { through, by, inFlight, size: 64 }, unit: 'calls/s' }, { values: [value] })
    const gateway = [peer('gateway', 'raw', 1, 2000), peer('gateway', 'raw', 512, 300_000)]
    const what = 'calls, 512 in flight, 64 B: 10 times NATS'
    expect(find([...gateway, peer('nats', 'nats', 1, 1000), peer('nats', 'nats', 512, 25_000)], what)).toMatchObject({ measured: 12, isReached: true })
    expect(find(gateway, what)).toBeUndefined()
  })

  it('says when the measurement is too wide, and nothing of what was not measured', () => {
    const verdict = find([calls('edge-to-service', [50, 100, 200], [100, 100, 100])], 'calls, 512 in flight, raw frames: 0.8')!
    expect(verdictText(verdict)).toBe('reached (WIDE)')
    expect(verdictsOf([])).toEqual([])
  })
})
