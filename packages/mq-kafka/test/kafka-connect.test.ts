import { createServer, type AddressInfo, type Socket } from 'node:net'

import { afterAll, describe, expect, it } from 'vitest'

import { kafkaDriver } from '../src/index.js'
import { TrackedSockets } from '../src/tracked-sockets.js'
import { authority, certificate, isMissing, login, mtls, openDriver, Other, plain, resources, sasl, tls } from './kafka.js'
import { told, tracked, until } from './pending.js'

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

  it.skipIf(mtls === '')('with a certificate of its own', async () => {
    const topic = await other.topic()
    const session = await openDriver({ addresses: [mtls], tls: { ca: authority(), ...certificate() } })
    const { message, outcome } = tracked(topic)
    session.send([message])
    expect(await outcome).toEqual({ how: 'done' })
    await session.close(5_000)
  })

  it.skipIf(mtls === '')('not without one where the brokers ask for it', async () => {
    const before = resources()
    await expect(openDriver({ addresses: [mtls], tls: { ca: authority() } })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await until(() => resources() <= before, 'nothing is left')
  })
})

/** A broker that takes connections, and answers as far as `answer` does. */
async function standIn(answer: (request: Buffer) => Buffer | undefined): Promise<{ address: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (request) => {
      const bytes = answer(request)
      if (bytes !== undefined) socket.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An answer to `request`, with its number and length before it. */
function answered(request: Buffer, body: readonly number[]): Buffer {
  const answer = Buffer.from([0, 0, 0, 4 + body.length, ...request.subarray(8, 12), ...body])
  return answer
}

describe('a broker that hangs while we log in, or is none', () => {
  const short = (value: number): number[] => [value >> 8, value & 0xff]
  /** What a broker of before 1.0 says: SASL without a request for it, then bytes of its own, which nobody answers. */
  const before10 = (request: Buffer): Buffer | undefined => {
    const api = request.readInt16BE(4)
    // ApiVersions: no error, two of them, no throttling; SaslHandshake: no error, one mechanism.
    if (api === 18) return answered(request, [0, 0, 0, 0, 0, 2, ...[17, 0, 1, 18, 0, 2].flatMap(short), 0, 0, 0, 0])
    if (api === 17) return answered(request, [0, 0, 0, 0, 0, 1, 0, 5, ...Buffer.from('PLAIN')])
    return undefined
  }

  it.each([
    ['at once', () => undefined],
    ['within SASL', before10],
  ])('%s: is given up when it is told to', async (_how, answer) => {
    const before = resources()
    const broker = await standIn(answer)
    const driver = kafkaDriver({ addresses: [broker.address], sasl: { mechanism: 'plain', username: 'u', password: 'p' } })
    await expect(driver.open(told(), AbortSignal.timeout(500))).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    await broker.close()
    await until(() => resources() <= before, 'nothing is left')
  })

  it('within TLS: leaves no sockets behind, however often it is dialled', async () => {
    const sockets = new TrackedSockets(() => undefined, 200)
    const broker = await standIn(() => undefined)
    const [host, port] = broker.address.split(':')
    const errors: Error[] = []
    // As kafkajs does, which only says that it has no more to say.
    const socket = sockets.dial({ host: host!, port: Number(port), ssl: {}, onConnect: () => undefined })
    socket.on('error', (error) => errors.push(error))
    await until(() => sockets.size === 0, 'it is closed')
    expect(errors[0]?.message).toContain('200 ms')
    await broker.close()
  })

  it.each([
    ['a length below zero', [0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4]],
    ['an answer without a number', [0, 0, 0, 2, 1, 1]],
    ['nothing', [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('that is none, and says %s: costs that connection, and not the process', async (_what, bytes) => {
    const before = resources()
    const broker = await standIn(() => Buffer.from(bytes))
    await expect(kafkaDriver({ addresses: [broker.address] }).open(told(), new AbortController().signal)).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    await broker.close()
    await until(() => resources() <= before, 'nothing is left')
  })

  it('is refused before anything is dialled when its TLS cannot be read', () => {
    expect(() => kafkaDriver({ addresses: ['a'], tls: { ca: 'x', cert: 'y', key: 'z' } })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
