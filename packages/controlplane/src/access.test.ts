import { describe, expect, it } from 'vitest'

import { Access } from './access.js'

const token = { name: 'olga', role: 'admin', token: 'olga-has-this-token' } as const
const none = { authorization: undefined, identity: undefined }

describe('Access', () => {
  it('lets everybody do everything when nothing is asked for', () => {
    expect(new Access([], []).identify(none)).toEqual({ name: 'anonymous', role: 'admin' })
  })

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Bearer olga-has-this-toke', 'olga-has-this-token', 'Basic olga-has-this-token', 'Bearer olga-has-this-token x'])(
    'refuses %j',
    (authorization) => {
      expect(() => new Access([token], []).identify({ ...none, authorization })).toThrow('UNAUTHENTICATED')
    },
  )

  it.each(['Bearer olga-has-this-token', 'bearer  olga-has-this-token'])('takes %j', (authorization) => {
    expect(new Access([token], []).identify({ ...none, authorization })).toEqual({ name: 'olga', role: 'admin' })
  })

  it('does not fall back to the certificate of somebody with a wrong token', () => {
    const access = new Access([token], [{ name: 'ops', role: 'read', subject: 'CN=ops' }])
    const identity = { subject: 'CN=ops' }
    expect(access.identify({ authorization: undefined, identity })).toEqual({ name: 'ops', role: 'read' })
    expect(() => access.identify({ authorization: 'Bearer wrong', identity })).toThrow('UNAUTHENTICATED')
    expect(() => access.identify({ authorization: undefined, identity: { san: ['CN=ops'] } })).toThrow('UNAUTHENTICATED')
  })
})
