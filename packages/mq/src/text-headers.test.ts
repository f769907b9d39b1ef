import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromTextHeaders, textHeaders } from './text-headers.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

it('keeps what is printable text, and puts the rest in base64', () => {
  expect(textHeaders({ a: 'plain', b: bytes('{"json":"ü"}'), c: bytes('two\r\nlines'), d: new Uint8Array([0xff, 0]), e: ' edge', f: '' })).toEqual({
    a: 'plain',
    b: '{"json":"ü"}',
    'c-base64': Buffer.from('two\r\nlines').toString('base64'),
    'd-base64': '/wA=',
    'e-base64': Buffer.from(' edge').toString('base64'),
    f: '',
  })
})

it('never lets out what could end a header, and comes back as it went', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (value) => {
      const texts = textHeaders({ x: value })
      for (const text of Object.values(texts)) expect(text.trim() === text && Array.from(text).every((char) => char >= ' ' && char !== '\x7f')).toBe(true)
      const back = fromTextHeaders(texts)['x']!
      expect(typeof back === 'string' ? bytes(back) : back).toEqual(value)
    }),
  )
})
