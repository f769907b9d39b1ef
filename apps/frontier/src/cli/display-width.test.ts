import { describe, expect, it } from 'vitest'

import { displayWidth, truncated } from './display-width.js'

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['größe', 5],
    ['日本', 4],
    ['e\u0301', 1],
    ['😀!', 3],
    ['한글', 4],
  ])('%s is %d', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

describe('truncated', () => {
  it('ends with an ellipsis where something is missing, and is never wider', () => {
    expect(truncated('abcdef', 6)).toBe('abcdef')
    expect(truncated('abcdef', 5)).toBe('abcd…')
    expect(truncated('日本語', 5)).toBe('日本…')
    expect(truncated('日本語', 4)).toBe('日…')
    expect(truncated('abc', 1)).toBe('…')
    expect(truncated('abc', 0)).toBe('')
  })
})
