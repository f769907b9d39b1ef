import { encodeFrame, HEADER_BYTES, toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { parseHello } from './hello.js'

function body(fields: unknown, name = '', meta = ''): Uint8Array {
  const data = toBytes(typeof fields === 'string' ? fields : JSON.stringify(fields))
  return encodeFrame({ type: 1, key: name, meta: toBytes(meta), data }).subarray(HEADER_BYTES)
}

const header = { version: 1, wantedId: 0n }
const labels = (count: number, bytes: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [String(i).padStart(4, '0'), 'x'.repeat(bytes)]))

describe('parseHello', () => {
  it('fills in what is absent', () => {
    expect(parseHello(header, body({ role: 'edge' }, '', 'm'))).toEqual({
      role: 'edge',
      name: '',
      wantedId: undefined,
      meta: new Uint8Array([109]),
      labels: {},
      token: undefined,
      resume: undefined,
      methods: [],
      topics: [],
      wantsSnapshot: false,
      maxFrameBytes: 32_768,
      maxPayloadBytes: 16_777_216,
      agent: '',
    })
  })

  it('takes what is there, and ignores what it does not know', () => {
    const fields = { role: 'service', labels: { a: 'b' }, token: 't', resume: 'r', methods: ['m', 'm', 'edge_online'], topics: ['*'], snapshot: true, agent: 'me 1', future: 1, maxPayloadBytes: 5 }
    const hello = parseHello({ version: 1, wantedId: 7n }, body(fields, 'näme'))
    expect(hello).toMatchObject({ role: 'service', name: 'näme', wantedId: 7n, labels: { a: 'b' }, token: 't', resume: 'r', methods: ['m', 'edge_online'] })
    expect(hello).toMatchObject({ topics: ['*'], wantsSnapshot: true, agent: 'me 1', maxPayloadBytes: 5 })
  })

  it('takes 16 labels of 1 KiB together', () => {
    expect(Object.keys(parseHello(header, body({ role: 'edge', labels: labels(16, 60) })).labels)).toHaveLength(16)
  })

  it('takes a label named __proto__ for what it is', () => {
    const hello = parseHello(header, body('{"role":"edge","labels":{"__proto__":"x"}}'))
    expect(Object.keys(hello.labels)).toEqual(['__proto__'])
  })

  it.each([
    ['another version', { version: 2, wantedId: 0n }, body({ role: 'edge' })],
    ['no payload', header, body('')],
    ['no JSON', header, body('{')],
    ['no object', header, body('[]')],
    ['no role', header, body({})],
    ['an unknown role', header, body({ role: 'gateway' })],
    ['17 labels', header, body({ role: 'edge', labels: labels(17, 1) })],
    ['labels above 1 KiB', header, body({ role: 'edge', labels: labels(16, 61) })],
    ['a label that is no string', header, body({ role: 'edge', labels: { a: 1 } })],
    ['labels in an array', header, body({ role: 'edge', labels: ['a'] })],
    ['a token above 16 Ki', header, body({ role: 'edge', token: 'x'.repeat(16_385) })],
    ['a token that is no string', header, body({ role: 'edge', token: 1 })],
    ['a resume token above 512', header, body({ role: 'edge', resume: 'x'.repeat(513) })],
    ['methods that are no array', header, body({ role: 'edge', methods: 'm' })],
    ['a method without a name', header, body({ role: 'edge', methods: [''] })],
    ['a method that is no string', header, body({ role: 'edge', methods: [1] })],
    ['a method above 1 KiB', header, body({ role: 'edge', methods: ['ü'.repeat(513)] })],
    ['a method that is not Unicode text', header, body('{"role":"edge","methods":["\\ud800"]}')],
    ['too many methods', header, body(`{"role":"service","methods":[${'"a",'.repeat(65_536)}"a"]}`)],
    ['a snapshot that is no boolean', header, body({ role: 'service', snapshot: 1 })],
    ['a size of 0', header, body({ role: 'edge', maxFrameBytes: 0 })],
    ['a size that is no integer', header, body({ role: 'edge', maxPayloadBytes: 1.5 })],
    ['a body that is cut', header, body({ role: 'edge' }).subarray(0, 5)],
    ['a name that is not UTF-8', header, Uint8Array.of(0, 1, 0xff, 0, 0, 0, 0, ...toBytes('{"role":"service"}'))],
  ])('refuses %s', (_what, fields, bytes) => {
    expect(() => parseHello(fields, bytes)).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }))
  })

  it('refuses an edge that claims a reserved name', () => {
    expect(() => parseHello(header, body({ role: 'edge', methods: ['edge_online'] }))).toThrow(expect.objectContaining({ code: 'PERMISSION_DENIED' }))
  })
})
