import type { Content, Edge, Message, Stream } from '@frontier/edge'
import type { Service } from '@frontier/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { rejectionOf } from '../support/eventually.js'
import { digest, payload, sha256 } from '../support/payload.js'
import { startGateway, type TestGateway } from '../support/test-gateway.js'

// Guarantee 1: every row of the table in section 1 of the design, with payloads of every size; one byte above the most fails, and the link lives on.

const MAX = 16 * 1024 * 1024
const LARGEST = payload(MAX + 1, 7)
const META = payload(33, 3)

let gateway: TestGateway
let edge: Edge
let service: Service

const atEdge: Message[] = []
const atService: Message[] = []

beforeAll(async () => {
  gateway = await startGateway()
  const echo = (request: Content): { data: Uint8Array; meta: Uint8Array } => ({ data: request.data, meta: request.meta })
  const answerOf = (request: Content): Uint8Array => LARGEST.subarray(0, request.json<number>())
  service = await gateway.service({
    name: 'files',
    topics: ['news'],
    methods: { echo, answerOf },
    onMessage: (message) => void atService.push(message),
    onStream: echoStream,
  })
  edge = await gateway.edge({
    methods: { echo, answerOf },
    onMessage: (message) => void atEdge.push(message),
    onStream: echoStream,
  })
})

afterAll(() => gateway[Symbol.asyncDispose]())

async function echoStream(stream: Stream): Promise<void> {
  for await (const chunk of stream) await stream.write(chunk)
  await stream.closeWrite()
}

/** What the data may have beside a key and `meta`. */
function sizesBeside(key: string, meta: Uint8Array): number[] {
  return [0, 1, 65_536, 1_048_576, MAX - key.length - meta.length]
}

const calls = {
  'an edge calls a service': (data: Uint8Array, meta: Uint8Array) => edge.call('echo', data, { meta }),
  'a service calls an edge': (data: Uint8Array, meta: Uint8Array) => service.call(edge.id, 'echo', data, { meta }),
}

describe.each(Object.entries(calls))('%s', (_, call) => {
  test.each(sizesBeside('echo', META))('with %i bytes', async (size) => {
    const data = LARGEST.subarray(0, size)
    const reply = await call(data, META)
    expect(reply.data.length).toBe(size)
    expect(sha256(reply.data)).toBe(sha256(data))
    expect(reply.meta).toEqual(META)
  })

  test('with as much meta', async () => {
    const meta = LARGEST.subarray(0, MAX - 'echo'.length - 1)
    const reply = await call(LARGEST.subarray(0, 1), meta)
    expect(sha256(reply.meta)).toBe(sha256(meta))
    expect(reply.data).toEqual(LARGEST.subarray(0, 1))
  })

  test.each([
    ['data', MAX - 3, 0],
    ['meta', 0, MAX - 3],
    ['both', MAX / 2, MAX / 2 - 3],
  ])('with one byte too many, in %s', async (_where, dataBytes, metaBytes) => {
    const error = await rejectionOf(call(LARGEST.subarray(0, dataBytes), LARGEST.subarray(0, metaBytes)))
    expectTooLarge(error, MAX + 1, MAX)
    expect(error.delivered).toBe('no')
    expect((await call(payload(1), META)).data).toEqual(payload(1))
  })
})

const answers = {
  'a service answers an edge': (bytes: number) => edge.call('answerOf', JSON.stringify(bytes)),
  'an edge answers a service': (bytes: number) => service.call(edge.id, 'answerOf', JSON.stringify(bytes)),
}

describe.each(Object.entries(answers))('%s', (_, ask) => {
  test('with all that is allowed', async () => {
    const { data } = await ask(MAX)
    expect(data.length).toBe(MAX)
    expect(sha256(data)).toBe(sha256(LARGEST.subarray(0, MAX)))
  })

  test('with one byte too many', async () => {
    const error = await rejectionOf(ask(MAX + 1))
    expectTooLarge(error, MAX + 1, MAX)
    expect(error.delivered).toBe('maybe')
    expect((await ask(1)).data).toEqual(LARGEST.subarray(0, 1))
  })
})

const publishes = {
  'an edge publishes to a topic': {
    key: 'news',
    received: atService,
    publish: (data: Uint8Array, meta: Uint8Array) => edge.publish('news', data, { meta }),
  },
  'a service publishes to an edge': {
    key: '',
    received: atEdge,
    publish: (data: Uint8Array, meta: Uint8Array) => service.publish(edge.id, data, { meta }),
  },
}

describe.each(Object.entries(publishes))('%s', (_, { key, received, publish }) => {
  test.each(sizesBeside(key, META))('%i bytes', async (size) => {
    const data = LARGEST.subarray(0, size)
    await publish(data, META)
    const message = received.pop()!
    expect(received).toEqual([])
    expect(message.topic).toBe(key)
    expect(message.edgeId).toBe(edge.id)
    expect(message.data.length).toBe(size)
    expect(sha256(message.data)).toBe(sha256(data))
    expect(message.meta).toEqual(META)
  })

  test('one byte too many', async () => {
    const error = await rejectionOf(publish(LARGEST.subarray(0, MAX - key.length), payload(1)))
    expectTooLarge(error, MAX + 1, MAX)
    await publish(payload(1), META)
    expect(received.splice(0)).toHaveLength(1)
  })
})

const openings = {
  'an edge opens a stream to a service': (meta: Uint8Array) => edge.openStream('files', { meta }),
  'a service opens a stream to an edge': (meta: Uint8Array) => service.openStream(edge.id, { meta }),
}

describe.each(Object.entries(openings))('%s', (_, open) => {
  test.each([0, 1, 65_536, 1_048_576, MAX, MAX + 1])('%i bytes there and back', async (size) => {
    const stream = await open(META)
    const data = LARGEST.subarray(0, size)
    // Both ways at once: the echo stops reading when nobody reads from it.
    const [received] = await Promise.all([digest(stream), stream.write(data).then(() => stream.closeWrite())])
    expect(received).toEqual({ bytes: size, sha256: sha256(data) })
    expect((await stream.closed).code).toBe('CLOSED')
    expect(stream.bytesAcked).toBe(size)
  })

  test.each([0, 1, 65_536, 200_000])('with a meta of %i bytes', async (size) => {
    const meta = LARGEST.subarray(0, size)
    const stream = await open(meta)
    const here = await otherEndOf(stream)
    expect(sha256(here.meta)).toBe(sha256(meta))
    await stream.closeWrite()
    expect((await stream.closed).code).toBe('CLOSED')
  })

  test('with a meta of one byte too many', async () => {
    const limit = 256 * 1024
    expectTooLarge(await rejectionOf(open(LARGEST.subarray(0, limit + 1))), limit + 1, limit)
    await using stream = await open(LARGEST.subarray(0, limit))
    expect(stream.id).toBeGreaterThan(0)
  })

  test.each([0, 1, 65_536, 1_048_576, MAX - 4])('calls on it with %i bytes', async (size) => {
    await using stream = await open(META)
    const other = await otherEndOf(stream)
    await other.register('echo', (request) => request.data)
    const data = LARGEST.subarray(0, size)
    expect(sha256((await stream.call('echo', data)).data)).toBe(sha256(data))
  })

  test('calls on it with one byte too many', async () => {
    await using stream = await open(META)
    const other = await otherEndOf(stream)
    await other.register('echo', (request) => request.data)
    expectTooLarge(await rejectionOf(stream.call('echo', LARGEST.subarray(0, MAX - 3))), MAX + 1, MAX)
    expect((await stream.call('echo', payload(1))).data).toEqual(payload(1))
  })
})

test('an end that takes less says so to both sides, and its link lives on', async () => {
  const small = 100_000
  const picky = await gateway.service({ methods: { small: (request) => request.data }, maxPayloadBytes: small })
  const data = LARGEST.subarray(0, small - 'small'.length)
  expect((await edge.call('small', data)).data.length).toBe(data.length)
  const error = await rejectionOf(edge.call('small', LARGEST.subarray(0, data.length + 1)))
  expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', origin: 'peer' })
  expectTooLarge(error, small + 1, small)
  expectTooLarge(await rejectionOf(picky.call(edge.id, 'echo', LARGEST.subarray(0, small - 3))), small + 1, small)
  expect((await edge.call('small', data)).data.length).toBe(data.length)
  await picky.close()
})

test('all of that went over one link each', () => {
  expect(edge.state).toBe('online')
  expect([...gateway.frontier.exchange.edges.values()].map((peer) => peer.id)).toEqual([edge.id])
  expect(gateway.frontier.counters().refused).toEqual({})
})

async function otherEndOf(stream: Stream): Promise<Stream> {
  const { edgeId, service: name } = stream
  const others = [...edge.listStreams(), ...service.listStreams()].filter((other) => other !== stream)
  expect(others.map((other) => [other.edgeId, other.service])).toEqual([[edgeId, name]])
  return others[0]!
}

function expectTooLarge(error: { code: string; message: string }, bytes: number, limit: number): void {
  expect(error.code).toBe('PAYLOAD_TOO_LARGE')
  expect(error.message).toContain(String(bytes))
  expect(error.message).toContain(String(limit))
}
