import { KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs'
import { describe, expect, it } from 'vitest'

import { kafkaError, kafkaErrorType, verdictOn } from './kafka-errors.js'

/** As kafkajs makes them. */
function protocolError(type: string): Error {
  return Object.assign(new KafkaJSProtocolError(new Error(type)), { type })
}
function wrapped(cause: Error): Error {
  return Object.assign(new KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 1, retryTime: 1 }), { cause })
}

describe('kafkaErrorType', () => {
  it('finds what is inside', () => {
    expect(kafkaErrorType(wrapped(wrapped(protocolError('MESSAGE_TOO_LARGE'))))).toBe('MESSAGE_TOO_LARGE')
    expect(kafkaErrorType(Object.assign(new Error('several'), { errors: [protocolError('POLICY_VIOLATION')] }))).toBe('POLICY_VIOLATION')
    expect(kafkaErrorType(wrapped(Object.assign(new Error('no'), { name: 'KafkaJSSASLAuthenticationError' })))).toBe('KafkaJSSASLAuthenticationError')
    expect(kafkaErrorType(new Error('x'))).toBeUndefined()
    expect(kafkaErrorType('x')).toBeUndefined()
  })
})

describe('verdictOn', () => {
  it.each([
    ['MESSAGE_TOO_LARGE', 'split'],
    ['TOPIC_AUTHORIZATION_FAILED', 'refuse'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'topic'],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'fenced'],
    ['DUPLICATE_SEQUENCE_NUMBER', 'stored'],
    ['NOT_ENOUGH_REPLICAS', 'again'],
    ['NOT_LEADER_FOR_PARTITION', 'again'],
  ])('%s is %s', (type, verdict) => {
    expect(verdictOn(wrapped(protocolError(type)))).toBe(verdict)
  })

  it('tries again what it does not know', () => {
    expect(verdictOn(new TypeError('x'))).toBe('again')
  })
})

describe('kafkaError', () => {
  it.each([
    ['MESSAGE_TOO_LARGE', 'PAYLOAD_TOO_LARGE'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'RECORD_NOT_FOUND'],
    ['TOPIC_AUTHORIZATION_FAILED', 'PERMISSION_DENIED'],
    ['SASL_AUTHENTICATION_FAILED', 'UNAUTHENTICATED'],
    ['NOT_ENOUGH_REPLICAS', 'BRIDGE_UNAVAILABLE'],
  ])('of %s is %s', (type, code) => {
    expect(kafkaError(wrapped(protocolError(type)), { about: 'topic t' })).toMatchObject({ code, reason: `kafka: topic t: ${type}`, delivered: 'no' })
  })

  // The names of Node 20 (OpenSSL 3.0), of TLS 1.3, and of Node 24 (OpenSSL 3.5).
  it.each(['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'])('of %s is UNAUTHENTICATED', (code) => {
    expect(kafkaError(wrapped(Object.assign(new Error('alert'), { code }))).code).toBe('UNAUTHENTICATED')
  })

  it('keeps what is one already', () => {
    const error = kafkaError(new Error('x'), { delivered: 'maybe' })
    expect(error).toMatchObject({ code: 'BRIDGE_UNAVAILABLE', delivered: 'maybe' })
    expect(kafkaError(error)).toBe(error)
  })
})
