import { afterAll, describe, expect, it } from 'vitest'

import { authority, isMissing, login, openDriver, Other, plain, resources, sasl, tls } from './kafka.js'
import { tracked, until } from './pending.js'

describe.skipIf(plain === '' || sasl === '')(`logging in to Kafka ${sasl === '' ? isMissing('KAFKA_SASL_BROKERS') : ''}`, () => {
  const other = new Other()
  afterAll(() => other[Symbol.asyncDispose]())

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('with %s', async (mechanism) => {
    const topic = await other.topic()
    const session = await openDriver({ addresses: [sasl], sasl: { mechanism, ...login } })
    const { message, outcome } = tracked(topic)
    session.send([message])
    expect(await outcome).toEqual({ how: 'done' })
    await session.close(5_000)
  })

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('not with a wrong password for %s', async (mechanism) => {
    const before = resources()
    const opening = openDriver({ addresses: [sasl], sasl: { mechanism, username: login.username, password: 'no' } })
    await expect(opening).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await until(() => resources() <= before, 'nothing is left')
  })

  it('not without a password', async () => {
    await expect(openDriver({ addresses: [sasl] })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
  })
})

describe.skipIf(plain === '' || tls === '')(`Kafka over TLS ${tls === '' ? isMissing('KAFKA_TLS_BROKERS') : ''}`, () => {
  const other = new Other()
  afterAll(() => other[Symbol.asyncDispose]())

  it.each([
    ['an authority', () => ({ ca: authority() })],
    ['any certificate', () => ({ insecureSkipVerify: true })],
    ['several authorities', () => ({ ca: [Buffer.from(authority())] })],
  ])('with %s', async (_what, options) => {
    const topic = await other.topic()
    const session = await openDriver({ addresses: [tls], tls: options() })
    const { message, outcome } = tracked(topic)
    session.send([message])
    expect(await outcome).toEqual({ how: 'done' })
    await session.close(5_000)
  })

  it('not with a certificate that nobody vouches for', async () => {
    await expect(openDriver({ addresses: [tls], tls: true })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
  })
})
