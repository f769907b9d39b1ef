import { expect, it } from 'vitest'

import { LatencyHistogram } from './latency-histogram.js'

it('tells percentiles within two hundredths', () => {
  const histogram = new LatencyHistogram()
  for (let ms = 1; ms <= 1000; ms++) histogram.add(ms)
  expect(histogram.count).toBe(1000)
  expect(histogram.meanMs).toBeCloseTo(500.5)
  expect([histogram.leastMs, histogram.mostMs]).toEqual([1, 1000])
  for (const [part, ms] of [[0.5, 500], [0.9, 900], [0.99, 990], [1, 1000]] as const) {
    expect(Math.abs(histogram.percentileMs(part) / ms - 1)).toBeLessThan(0.022)
  }
})

it('takes what is out of its range, and nothing at all', () => {
  const histogram = new LatencyHistogram()
  expect(histogram.percentileMs(0.5)).toBeNaN()
  histogram.add(0)
  histogram.add(1e9)
  expect(histogram.percentileMs(0)).toBeLessThan(0.001)
  expect(histogram.percentileMs(1)).toBeGreaterThan(3_600_000)
})
