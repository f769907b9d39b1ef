import { resolveFrontierConfig } from '@frontier/config'
import { expect, it } from 'vitest'
import { brokerOptions } from './bridge-options.js'

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined }

it('carries everything that bridges have in common', () => {
  const { mqm } = resolveFrontierConfig({
    mqm: {
      nsq: {
        required: true,
        mappings: [{ topic: '*', to: 'all', partition: '{label.x}' }],
        consume: [{ from: 'a', group: 'g', to: { labels: { x: 'y' } }, topic: 't', dead_letter: 'd', timeout_seconds: 1.001, max_unsettled: 5 }, { from: 'b', to: { key: true } }, { from: 'c', to: { header: 'h' } }],
        max_waiting: 7,
        max_waiting_bytes: 8,
        ack_timeout_seconds: 2.01,
      },
    },
  })
  expect(brokerOptions(mqm.nsq, ['x'], logger)).toEqual({
    topics: ['x'],
    mappings: [{ topic: '*', to: 'all', partition: '{label.x}' }],
    consume: [
      { from: 'a', group: 'g', to: { labels: { x: 'y' } }, topic: 't', deadLetter: 'd', timeoutMs: 1001, maxUnsettled: 5 },
      { from: 'b', to: { key: true } },
      { from: 'c', to: { header: 'h' } },
    ],
    required: true,
    maxWaiting: 7,
    maxWaitingBytes: 8,
    ackTimeoutMs: 2010,
    logger,
  })
})

it.each([0.0001, 0.001, 2.01, 1.001, 86_400])('makes %d s a whole number of milliseconds', (seconds) => {
  const { mqm } = resolveFrontierConfig({ mqm: { nsq: { ack_timeout_seconds: seconds } } })
  const { ackTimeoutMs } = brokerOptions(mqm.nsq, [], logger)
  expect(Number.isSafeInteger(ackTimeoutMs) && ackTimeoutMs! >= 1).toBe(true)
})
