import { describe, expect, it } from 'vitest'

import { didYouMean } from './did-you-mean.js'

describe('didYouMean', () => {
  it.each([
    ['lisen', 'listen'],
    ['lsiten', 'listen'],
    ['Listen', 'listen'],
    ['listenn', 'listen'],
    ['hash_by', 'hashby'],
    ['pingIntervalSeconds', 'ping_interval_seconds'],
    ['ping_interval', undefined],
    ['edgeid_alloc_when_no_id_service_on', 'edgeid_alloc_when_no_idservice_on'],
    ['xyz', undefined],
    ['', undefined],
  ])('of %j is %j', (word, meant) => {
    const options = ['listen', 'hashby', 'ping_interval_seconds', 'edgeid_alloc_when_no_idservice_on', 'tls']
    expect(didYouMean(word, options)).toBe(meant)
  })

  it('takes the nearest', () => {
    expect(didYouMean('max_stream', ['max_names', 'max_streams', 'max_links'])).toBe('max_streams')
  })
})
