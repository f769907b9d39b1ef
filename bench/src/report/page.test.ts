import { describe, expect, it } from 'vitest'

import { resultOf, type Result } from '../result.js'
import type { Report } from '../run-bench.js'
import { pageOf } from './page.js'

function figure(name: string, params: Result['params'], values: number[], ceiling?: number[]): Result {
  return resultOf({ name, params, unit: 'calls/s' }, { values, perCpuSecond: values }, ceiling && { values: ceiling, perCpuSecond: ceiling })
}

function reportOf(results: Result[], changes: Partial<Report> = {}): Report {
  return { commit: '0123456789ab', node: 'v20.0.0', cpu: 'a CPU x 2', load: [1, 2, 3], startedAt: '2030-01-01T00:00:00.000Z', seconds: 7, results, missing: [], ...changes }
}

describe('pageOf', () => {
  const calls = [1, 8, 512].flatMap((inFlight) => {
    const params = { direction: 'edge-to-service', edges: 1, inFlight, size: 64 }
    return [
      figure('calls', { through: 'relay', by: 'raw', ...params }, [1000 * inFlight, 1010 * inFlight]),
      figure('calls', { through: 'gateway', by: 'raw', ...params }, [900 * inFlight, 905 * inFlight], [1000 * inFlight, 1010 * inFlight]),
    ]
  })

  it('has the machine, the targets, a plot with a line for everybody, and every figure', () => {
    const page = pageOf(reportOf(calls))
    for (const text of ['0123456789ab', 'v20.0.0', 'a CPU x 2', '1 2 3', '<h2>Targets</h2>', 'Throughput over requests in flight', 'Against bare sockets']) {
      expect(page).toContain(text)
    }
    expect(page.match(/<polyline/g)).toHaveLength(2)
    expect(page).toContain('<li style="--c:var(--bare)">relay, raw</li>')
    expect(page.match(/<tr class="fine">/g)).toHaveLength(calls.length)
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('draws what there is: with nothing to draw, a page without plots', () => {
    const page = pageOf(reportOf([]))
    expect(page).not.toContain('<svg')
    expect(page).not.toContain('<h2>Targets</h2>')
  })

  it('needs nothing from elsewhere', () => {
    expect(pageOf(reportOf(calls))).not.toMatch(/<script|<link|https?:|url\(|@import|src=/)
  })

  it('escapes what is not its own', () => {
    const page = pageOf(reportOf([figure('<b>', { through: '"><script>', by: '&' }, [1])], { commit: '<i>', cpu: '<u>' }))
    expect(page).not.toMatch(/<b>|<script|<i>|<u>/)
    expect(page).toContain('&lt;b&gt;')
    expect(page).toContain('&quot;&gt;&lt;script&gt;')
  })

  it('says what is not to be trusted', () => {
    const page = pageOf(reportOf([figure('calls', { through: 'gateway', by: 'raw' }, [100, 300, 900])]))
    expect(page).toContain('<tr class="wide">')
    expect(page).toContain('WIDE: do not trust')
  })

  it('shows others under the same load', () => {
    const params = { by: 'raw', inFlight: 512, size: 64 }
    const page = pageOf(reportOf([figure('peers', { through: 'gateway', ...params }, [9]), figure('peers', { through: 'nats', ...params }, [1])]))
    expect(page).toContain('Against others')
    expect(page).toContain('>nats, raw</text>')
  })
})
