import { describe, expect, it } from 'vitest'
import { parseEdgeInfo, parseNewEdge } from './hook-payload.js'

const meta = new Uint8Array([1])
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))

describe('hook payloads', () => {
  it('are read with all their fields', () => {
    const json = {
      address: '10.0.0.7:51000',
      wantedId: '18446744073709551615',
      labels: { site: 'a' },
      identity: { subject: 'cn', san: ['x'] },
      edgeId: '7',
      generation: '1790000000000001',
      at: 1_700_000_000_000,
    }
    expect(parseEdgeInfo(bytes(json), meta)).toEqual({
      meta,
      address: '10.0.0.7:51000',
      wantedId: 18446744073709551615n,
      labels: { site: 'a' },
      identity: { subject: 'cn', san: ['x'] },
      edgeId: 7n,
      generation: 1_790_000_000_000_001,
      at: new Date(1_700_000_000_000),
    })
  })

  it('do without the optional ones, and ignore unknown ones', () => {
    expect(parseNewEdge(bytes({ address: 'a', labels: {}, later: 1 }), meta)).toEqual({ meta, address: 'a', labels: {} })
  })

  it.each([
    ['no JSON', '{'],
    ['a list', []],
    ['no id', { generation: '1', at: 0 }],
    ['an id out of range', { edgeId: '18446744073709551616', generation: '1', at: 0 }],
    ['no generation', { edgeId: '1', at: 0 }],
    ['a generation that is no number', { edgeId: '1', generation: 'x', at: 0 }],
    ['no time', { edgeId: '1', generation: '1' }],
    ['labels that are no object', { edgeId: '1', generation: '1', at: 0, labels: 'x' }],
    ['a wanted id that is none', { edgeId: '1', generation: '1', at: 0, wantedId: 5 }],
  ])('are refused with %s', (_what, json) => {
    expect(() => parseEdgeInfo(bytes(json), meta)).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }))
  })
})
