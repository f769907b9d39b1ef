import { describe, expect, it } from 'vitest'

import { SettledPrefix } from './settled-prefix.js'

describe('SettledPrefix', () => {
  it('grows as far as there is no gap', () => {
    const prefix = new SettledPrefix()
    expect([1, 2, 0, 4, 3].map((index) => [prefix.add(index), prefix.length])).toEqual([
      [false, 0],
      [false, 0],
      [true, 3],
      [false, 3],
      [true, 5],
    ])
  })
})
