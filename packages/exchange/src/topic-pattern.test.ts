import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTopicPattern, TopicPattern } from './topic-pattern.js'

describe('TopicPattern', () => {
  it.each([
    ['a.>', ['a.b', 'a.b.c', 'a..'], ['a', 'a.', 'b.a', 'ab.c', '', 'A.b']],
    ['a.*', ['a.b', 'a.*'], ['a', 'a.', 'a.b.c', 'b.b']],
    ['*.temp', ['a.temp'], ['.temp', 'temp', 'a.b.temp', 'a.tempo', 'a.temp.']],
    ['a.*.c', ['a.b.c', 'a.x.c'], ['a..c', 'a.b', 'a.b.c.d', 'a.b.d']],
    ['>', ['a', 'a.b'], ['']],
    ['*.*', ['a.b'], ['a', 'a.b.c', 'a.']],
  ])('%s', (text, fitting, others) => {
    const pattern = new TopicPattern(text)
    expect(fitting.filter((topic) => !pattern.fits(topic))).toEqual([])
    expect(others.filter((topic) => pattern.fits(topic))).toEqual([])
  })

  it.each(['a..b', '', '.', '>.a', 'a.>.b', 'a.'])('is not %j', (text) => {
    expect(() => new TopicPattern(text)).toThrow('INVALID_ARGUMENT')
  })

  it('fits what its words fit, whatever they are', () => {
    const words = (...more: string[]) => fc.array(fc.constantFrom('a', 'b', 'ab', '*', ...more), { minLength: 1, maxLength: 4 })
    const topics = fc.array(fc.constantFrom('a', 'b', 'ab', 'abc', '', '*', '>'), { minLength: 1, maxLength: 5 })
    const fits = (pattern: string[], topic: string[]): boolean => {
      const [word, ...rest] = pattern
      if (word === undefined) return topic.length === 0
      if (word === '>') return topic.join('.') !== ''
      return topic.length > 0 && (word === '*' ? topic[0] !== '' : word === topic[0]) && fits(rest, topic.slice(1))
    }
    fc.assert(
      fc.property(words(), fc.boolean(), topics, (start, hasRest, topic) => {
        const pattern = hasRest ? [...start, '>'] : start
        expect(new TopicPattern(pattern.join('.')).fits(topic.join('.'))).toBe(fits(pattern, topic))
      }),
    )
  })

  it('is told from a name', () => {
    expect(['a.>', '>', 'a.*', '*.a'].every(isTopicPattern)).toBe(true)
    expect(['a', '*', 'a.b', 'a*.b', 'a>', ''].some(isTopicPattern)).toBe(false)
  })
})
