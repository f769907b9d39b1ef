import { describe, expect, it } from 'vitest'

import { matchProtocol } from './protocol-match.js'

describe('matchProtocol', () => {
  it.each([
    ['f1', 'link'],
    ['f101', 'link'],
    ['0101', 'geminio-v1'],
    ['160301', 'tls-on-plain'],
    ['47455420', 'websocket'],
    ['48', 'unknown-protocol'],
    ['0102', 'unknown-protocol'],
    ['1604', 'unknown-protocol'],
    ['474554', undefined],
    ['16', undefined],
    ['01', undefined],
    ['', undefined],
    ['47455421', 'unknown-protocol'],
    ['00', 'unknown-protocol'],
  ])('%s is %s', (hex, outcome) => {
    expect(matchProtocol(Buffer.from(hex, 'hex'))).toBe(outcome)
  })
})
