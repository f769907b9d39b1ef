import { describe, expect, it } from 'vitest'

import { fromTable, HeaderTable, tableBytes } from './amqp-headers.js'

/** What amqplib would encode. */
const encoded = (table: Record<string, unknown>) => Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined))

describe('the headers of a message', () => {
  it('are its own and those of all, its own first, and nothing of the one before', () => {
    const table = new HeaderTable({ site: 'north', level: 3, tags: ['a', 'b'] })
    expect(encoded(table.fill({ 'frontier-meta': Uint8Array.of(1), level: 'high' }, '7'))).toEqual({
      site: 'north',
      level: 'high',
      tags: ['a', 'b'],
      'frontier-meta': Buffer.of(1),
      'frontier-key': '7',
    })
    expect(encoded(table.fill({ 'frontier-topic': 'a' }, ''))).toEqual({ site: 'north', level: 3, tags: ['a', 'b'], 'frontier-topic': 'a' })
  })

  it('come with names in lower case, and with JSON of what is neither text nor bytes', () => {
    const headers = fromTable({ 'X-Edge': '7', bytes: Buffer.of(1), count: 3, 'x-death': [{ count: 1 }] })
    expect(headers).toEqual({ 'x-edge': '7', bytes: Buffer.of(1), count: '3', 'x-death': '[{"count":1}]' })
    expect(fromTable(undefined)).toEqual({})
  })

  it('have a size that is never below the true one', () => {
    expect(tableBytes({ a: 'ü', b: Uint8Array.of(1, 2), c: 1, d: ['x'] })).toBeGreaterThanOrEqual(4 + (2 + 5 + 1) + (2 + 5 + 2) + (2 + 9) + (2 + 5 + 6))
  })
})
