import { describe, expect, it } from 'vitest'

import { patternFault, subjectCovers, subjectFault } from './nats-subject.js'

describe('subjectFault', () => {
  it.each(['a', 'a.b.c', 'sensors.größe', 'a-b_c:d', 'a.$b', 'x'.repeat(1024)])('takes %j', (subject) => {
    expect(subjectFault(subject)).toBeUndefined()
  })

  it.each(['', ' ', 'a b', 'a\tb', 'a\r\nPUB b 0', 'a\u0000', '.a', 'a.', 'a..b', '*', 'a.*', 'a.>', 'a*b', '$JS.API.STREAM.DELETE.x', '$SYS.x', '_INBOX.x', 'x'.repeat(1025)])(
    'refuses %j',
    (subject) => {
      expect(subjectFault(subject)).toBeTypeOf('string')
    },
  )
})

describe('patternFault', () => {
  it.each(['a', '*', '>', 'a.*.c', 'a.>'])('takes %j', (subject) => {
    expect(patternFault(subject)).toBeUndefined()
  })

  it.each(['', 'a b', 'a..b', 'a.>.b', '>.a'])('refuses %j', (subject) => {
    expect(patternFault(subject)).toBeTypeOf('string')
  })
})

describe('subjectCovers', () => {
  it.each([
    ['a.b', 'a.b', true],
    ['>', 'a.b', true],
    ['a.>', 'a.b.c', true],
    ['a.>', 'a.>', true],
    ['a.>', 'a.*', true],
    ['a.*', 'a.*', true],
    ['a.*', 'a.b', true],
    ['a.*', 'a.>', false],
    ['a.>', 'a', false],
    ['a.*', 'a.b.c', false],
    ['a.b', 'a.*', false],
    ['a.b.c', 'a.b', false],
  ])('%s covers %s: %s', (wide, narrow, is) => {
    expect(subjectCovers(wide, narrow)).toBe(is)
  })
})
