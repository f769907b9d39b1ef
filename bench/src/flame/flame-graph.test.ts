import { describe, expect, it } from 'vitest'

import { callTreeOf, type CpuProfile } from './cpu-profile.js'
import { flameSvg } from './flame-svg.js'
import { frameLabel } from './frame-label.js'

const frame = (functionName: string, url = '') => ({ functionName, url })

/** 1,000 us at work: 700 in `push`, of which 400 in `deliver` from two places; 298 of garbage; 2 too short to be seen; 5,000 idle. */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 5, 6, 7] },
    { id: 2, callFrame: frame('push', 'file:///home/someone/frontier/packages/wire/dist/decoder.js'), children: [3, 4] },
    { id: 3, callFrame: frame('deliver', 'file:///home/someone/frontier/packages/mux/dist/link.js') },
    { id: 4, callFrame: frame('deliver', 'file:///home/someone/frontier/packages/mux/dist/link.js') },
    { id: 5, callFrame: frame('(idle)') },
    { id: 6, callFrame: frame('(garbage collector)') },
    { id: 7, callFrame: frame('<short>', 'node:net') },
  ],
  samples: [2, 3, 4, 5, 6, 7],
  timeDeltas: [300, 150, 250, 5000, 298, 2],
}

describe('a flame graph', () => {
  it('adds up what a function and all below it took, without idle time', () => {
    const root = callTreeOf(profile)
    expect(root.totalUs).toBe(1000)
    const push = root.children.get('push wire/decoder.js')!
    expect(push.totalUs).toBe(700)
    expect([...push.children.values()]).toEqual([{ label: 'deliver mux/link.js', totalUs: 400, children: new Map() }])
  })

  it('draws each as wide as it took, and leaves out what is too short', () => {
    const svg = flameSvg(callTreeOf(profile), 'gateway <1>')
    expect(svg).toContain('<title>push wire/decoder.js: 70.0 %, 0.7 ms</title><rect x="0" y="41" width="840"')
    expect(svg).toContain('<title>deliver mux/link.js: 40.0 %, 0.4 ms</title><rect x="0" y="58" width="480"')
    expect(svg).toContain('gateway &lt;1&gt;')
    expect(svg).not.toMatch(/short|idle|someone|<script|NaN/)
  })

  it('draws a process that did nothing', () => {
    expect(flameSvg(callTreeOf({ nodes: [{ id: 1, callFrame: frame('(root)') }], samples: [], timeDeltas: [] }), 'nothing')).not.toMatch(/NaN|<rect/)
  })

  it.each([
    ['file:///x/node_modules/.pnpm/zod@4.0.0/node_modules/zod/v4/core.js', 'f zod/v4/core.js'],
    ['file:///x/node_modules/@scope/name/index.js', 'f @scope/name/index.js'],
    ['file:///x/apps/frontier/dist/main.js?a=1', 'f frontier/main.js'],
    ['file:///x/bench/dist/roles/relay.js', 'f bench/roles/relay.js'],
    ['file:///home/someone/anything.js', 'f anything.js'],
    ['node:internal/streams/writable', 'f node:internal/streams/writable'],
    ['', 'f'],
  ])('names the place of %s', (url, label) => {
    expect(frameLabel(frame('f', url))).toBe(label)
  })
})
