import { describe, expect, it } from 'vitest'
import { signature, signingKey, verifyWebhook } from './webhook-signature.js'

// The example of the Standard Webhooks specification's libraries.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = Buffer.from('{"test": 2432232314}')
const headers = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const now = 1_614_265_330_000

describe('a signature', () => {
  it('is that of Standard Webhooks', () => {
    expect(signature([signingKey(secret)], headers['webhook-id'], headers['webhook-timestamp'], body)).toBe(headers['webhook-signature'])
  })

  it('is verified, among others, in headers of node:http and of fetch', () => {
    expect(verifyWebhook(secret, { headers, body }, { now })).toBe(headers['webhook-id'])
    const several = { ...headers, 'webhook-signature': `v1,AAAA v2,x ${headers['webhook-signature']}` }
    expect(verifyWebhook(secret, { headers: new Headers(several), body }, { now: now + 299_000 })).toBe(headers['webhook-id'])
  })

  it.each([
    ['another secret', { secret: 'whsec_AAAA' }],
    ['another body', { body: Buffer.from('{}') }],
    ['another id', { headers: { 'webhook-id': 'msg_x' } }],
    ['another time', { headers: { 'webhook-timestamp': '1614265331' } }],
    ['no time', { headers: { 'webhook-timestamp': 'now' } }],
    ['no signature', { headers: { 'webhook-signature': '' } }],
    ['a signature of another length', { headers: { 'webhook-signature': 'v1,AA==' } }],
    ['too long ago', { now: now + 301_000 }],
    ['from the future', { now: now - 301_000 }],
  ])('does not fit: %s', (_, wrong: { secret?: string; body?: Buffer; headers?: object; now?: number }) => {
    const request = { headers: { ...headers, ...wrong.headers }, body: wrong.body ?? body }
    expect(() => verifyWebhook(wrong.secret ?? secret, request, { now: wrong.now ?? now })).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }) as Error)
  })
})
