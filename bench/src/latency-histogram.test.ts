import { describe, expect, it } from 'vitest'

import { LatencyHistogram } from './latency-histogram.js'

describe('LatencyHistogram', () => {
  it('finds percentiles within 3 %', () => {
    const histogram = new LatencyHistogram()
    for (let us = 1; us <= 10_000; us++) histogram.add(us / 1000)
    for (const part of [0.5, 0.9, 0.99]) expect(Math.abs(histogram.percentileUs(part) / (part * 10_000) - 1)).toBeLessThan(0.03)
  })

  it('takes durations outside its range', () => {
    const histogram = new LatencyHistogram()
    histogram.add(0)
    histogram.add(1e9)
    expect(histogram.percentileUs(0)).toBeLessThan(0.1)
    expect(histogram.percentileUs(1)).toBeGreaterThan(1e9)
    expect(new LatencyHistogram().percentileUs(0.5)).toBeNaN()
  })
})
