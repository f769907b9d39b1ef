import { ErrorCode, NatsError } from 'nats'
import { describe, expect, it } from 'vitest'

import { apiErrorCode, natsError } from './nats-errors.js'

describe('natsError', () => {
  it.each([
    [ErrorCode.AuthorizationViolation, 'UNAUTHENTICATED'],
    [ErrorCode.PermissionsViolation, 'PERMISSION_DENIED'],
    [ErrorCode.MaxPayloadExceeded, 'PAYLOAD_TOO_LARGE'],
    [ErrorCode.ConnectionRefused, 'BRIDGE_UNAVAILABLE'],
    [ErrorCode.Timeout, 'BRIDGE_UNAVAILABLE'],
  ])('of %s is %s', (code, expected) => {
    expect(natsError(NatsError.errorForCode(code), 'about').code).toBe(expected)
  })

  // The names of Node 20 (OpenSSL 3.0), of TLS 1.3, and of Node 24 (OpenSSL 3.5).
  it.each(['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'])('of %s is UNAUTHENTICATED', (code) => {
    expect(natsError(Object.assign(new Error('alert'), { code })).code).toBe('UNAUTHENTICATED')
  })

  it('keeps what is one already, and takes what is none', () => {
    const error = natsError(new Error('boom'), 'here')
    expect(error).toMatchObject({ code: 'BRIDGE_UNAVAILABLE', reason: 'nats: here: boom' })
    expect(natsError(error)).toBe(error)
    expect(natsError('text').reason).toBe('nats: text')
  })
})

describe('apiErrorCode', () => {
  it.each([
    [400, 10_054, 'PAYLOAD_TOO_LARGE'],
    [404, 10_059, 'RECORD_NOT_FOUND'],
    [503, 10_077, 'BUFFER_FULL'],
    [400, 10_071, 'INVALID_ARGUMENT'],
    [429, 10_167, undefined],
    [503, 10_008, undefined],
  ])('of %i %i is %s', (code, number, expected) => {
    expect(apiErrorCode({ code, err_code: number, description: '' })).toBe(expected)
  })
})
