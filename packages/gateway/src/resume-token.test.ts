import { describe, expect, it } from 'vitest'
import { ResumeTokens } from './resume-token.js'

const key = new Uint8Array(32).fill(7)
const facts = { role: 'edge', id: 2n ** 64n - 1n, generation: 1_795_326_788_000_123, subject: 'CN=a' } as const

describe('ResumeTokens', () => {
  it('proves id and generation to whoever has the key', () => {
    const token = new ResumeTokens({ key, ttlMs: 1000 }).issue(facts)
    const { role, id, generation } = facts
    expect(new ResumeTokens({ key, ttlMs: 1 }).verify(token, 'edge', 'CN=a')).toEqual({ role, id, generation })
  })

  it('proves nothing in other hands: another role, subject or key', () => {
    const tokens = new ResumeTokens({ key, ttlMs: 1000 })
    const token = tokens.issue(facts)
    expect(tokens.verify(token, 'service', 'CN=a')).toBeUndefined()
    expect(tokens.verify(token, 'edge', 'CN=b')).toBeUndefined()
    expect(tokens.verify(token, 'edge', undefined)).toBeUndefined()
    expect(new ResumeTokens({ ttlMs: 1000 }).verify(token, 'edge', 'CN=a')).toBeUndefined()
  })

  it('runs out', () => {
    let now = 1_000_000
    const tokens = new ResumeTokens({ key, ttlMs: 1000, now: () => now })
    const token = tokens.issue(facts)
    now += 1000
    expect(tokens.verify(token, 'edge', 'CN=a')).toBeDefined()
    now += 1
    expect(tokens.verify(token, 'edge', 'CN=a')).toBeUndefined()
  })

  it('proves nothing when any byte of it was changed', () => {
    const tokens = new ResumeTokens({ key, ttlMs: 1000 })
    const token = Buffer.from(tokens.issue(facts), 'base64url')
    for (let at = 0; at < token.length; at++) {
      const forged = Buffer.from(token)
      forged[at]! ^= 1
      expect(tokens.verify(forged.toString('base64url'), 'edge', 'CN=a')).toBeUndefined()
    }
    for (const text of ['', 'x', tokens.issue(facts).slice(1), `${tokens.issue(facts)}A`, '\u{1f600}'.repeat(39)]) {
      expect(tokens.verify(text, 'edge', 'CN=a')).toBeUndefined()
    }
  })

  it('wants a key of 16 bytes', () => {
    expect(() => new ResumeTokens({ key: new Uint8Array(15), ttlMs: 1 })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
