import { expect, it } from 'vitest'

import { bytesText, countText, latencyText, rateText } from './quantity.js'

it('writes amounts as people read them', () => {
  expect(countText(1_234_567n)).toBe('1,234,567')
  expect([0, 1023, 1536, 1024 ** 3].map(bytesText)).toEqual(['0 B', '1023 B', '1.5 KiB', '1.0 GiB'])
  expect([0, 0.14, 12.34, 1234.5].map(rateText)).toEqual(['0', '0.1', '12.3', '1,235'])
  expect([0.0854, 1.236, 12.34, 2100, Number.NaN].map(latencyText)).toEqual(['85 us', '1.24 ms', '12.3 ms', '2.10 s', '-'])
})
