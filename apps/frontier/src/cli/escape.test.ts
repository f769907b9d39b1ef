import { describe, expect, it } from 'vitest'

import { bytesForTerminal, escapeControls } from './escape.js'

describe('escapeControls', () => {
  it('lets nobody begin a line or speak to the terminal', () => {
    expect(escapeControls('a\nb\u001b[2Jc\u202ed\u2028e')).toBe('a\\u000ab\\u001b[2Jc\\u202ed\\u2028e')
    expect(escapeControls('größer 日本 😀')).toBe('größer 日本 😀')
  })
})

describe('bytesForTerminal', () => {
  it('shows text as it is, and nothing else', () => {
    expect(bytesForTerminal(Buffer.from('größer 日本 😀\n\tx'))).toBe('größer 日本 😀\n\tx')
    expect(bytesForTerminal(Buffer.from('\u001b[2J\r\u0007\u009b'))).toBe('\\x1b[2J\\x0d\\x07\\xc2\\x9b')
    expect(bytesForTerminal(new Uint8Array([0xff, 0x41, 0xc3, 0xe6, 0x97, 0xf0, 0x9f]))).toBe('\\xffA\\xc3\\xe6\\x97\\xf0\\x9f')
    expect(bytesForTerminal(new Uint8Array([0xef, 0xbb, 0xbf, 0x41]))).toBe('\\xef\\xbb\\xbfA')
    expect(bytesForTerminal(new Uint8Array())).toBe('')
  })
})
