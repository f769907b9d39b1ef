import { describe, expect, it } from 'vitest'
import type { BridgeMessage } from '@frontier/exchange'
import { TopicMapper } from './topic-mapper.js'

function message(topic: string, labels: Record<string, string> = {}): BridgeMessage {
  const empty = new Uint8Array()
  return { topic, edge: { edgeId: 18_446_744_073_709_551_615n, meta: empty, labels, address: '' }, meta: empty, data: empty, deadline: Infinity, isAbandoned: false, isUnacked: false }
}

describe('TopicMapper', () => {
  it('leaves the topic as it is, keyed by the edge, unless told otherwise', () => {
    expect(new TopicMapper([]).map(message('a.b'))).toEqual({ target: 'a.b', key: '18446744073709551615', partition: undefined })
  })

  it('fills placeholders of the first mapping that fits', () => {
    const mapper = new TopicMapper([
      { topic: 'sensors.*.temp', to: 'iot.{label.site}.{topic.1}', key: '{topic}/{edgeId}', partition: '{label.lane}' },
      { topic: 'sensors.>', to: 'all', key: '', partition: 3 },
      { topic: 'plain', to: 'one{topic}' },
      { topic: '*', to: 'rest' },
    ])
    const labels = { site: 'a', lane: '7' }
    expect(mapper.map(message('sensors.9.temp', labels))).toEqual({ target: 'iot.a.9', key: 'sensors.9.temp/18446744073709551615', partition: 7 })
    expect(mapper.map(message('sensors.9.hum', labels))).toEqual({ target: 'all', key: '', partition: 3 })
    expect(mapper.map(message('plain')).target).toBe('oneplain')
    expect(mapper.map(message('x')).target).toBe('rest')
  })

  it('fills what looks like a placeholder only once', () => {
    const mapper = new TopicMapper([{ topic: '*', to: '{label.x}-{topic}' }])
    expect(mapper.map(message('{edgeId}', { x: '{topic}' })).target).toBe('{topic}-{edgeId}')
  })

  it.each([
    ['a label that the edge has not', '{label.none}', {}],
    ['a label of Object.prototype', '{label.constructor}', {}],
    ['an empty label', '{label.x}', { x: '' }],
    ['a word that the topic has not', '{topic.4}', {}],
  ])('refuses %s', (_, to, labels) => {
    expect(() => new TopicMapper([{ topic: '*', to }]).map(message('a', labels))).toThrow('INVALID_ARGUMENT')
  })

  it('refuses a partition that is no number', () => {
    const mapper = new TopicMapper([{ topic: '*', partition: '{label.x}' }])
    for (const x of ['a', '-1', '1.5', '1e3', '99999999999']) expect(() => mapper.map(message('t', { x }))).toThrow('INVALID_ARGUMENT')
    expect(mapper.map(message('t', { x: '0' })).partition).toBe(0)
  })

  it.each([{ topic: 'a.>.b' }, { topic: '*', to: '{nothing}' }, { topic: '*', to: '{topic.x}' }, { topic: '*', to: '{label.}' }, { topic: '*', partition: -1 }])(
    'refuses the mapping %j at once',
    (mapping) => {
      expect(() => new TopicMapper([mapping])).toThrow('INVALID_ARGUMENT')
    },
  )
})
