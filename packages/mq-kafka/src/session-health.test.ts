import { FrontierError } from '@frontier/wire'
import { expect, it } from 'vitest'

import { SessionHealth } from './session-health.js'

const error = new FrontierError('BRIDGE_UNAVAILABLE', 'away')

it('tells the first trouble, and when the last is over', () => {
  const told: string[] = []
  const health = new SessionHealth({ onLost: () => told.push('lost'), onTrouble: () => told.push('trouble'), onRecovered: () => told.push('recovered') })
  const [producer, consumer] = [health.part(), health.part()]
  producer.recovered()
  consumer.trouble(error)
  consumer.trouble(error)
  producer.trouble(error)
  expect(told).toEqual(['trouble'])
  producer.recovered()
  producer.recovered()
  expect(told).toEqual(['trouble'])
  expect([producer.isBad, consumer.isBad]).toEqual([false, true])
  consumer.recovered()
  expect(told).toEqual(['trouble', 'recovered'])
  producer.trouble(error)
  health.end()
  producer.recovered()
  expect(told).toEqual(['trouble', 'recovered', 'trouble'])
})
