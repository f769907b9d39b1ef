import { FrontierError, type Edge, type Stream } from '@frontier/edge'
import type { Service } from '@frontier/service'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startProgram } from '../support/child-program.js'
import { delayProxy, type DelayProxy } from '../support/delay-proxy.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { payload, sha256 } from '../support/payload.js'
import { startGateway, type TestGateway } from '../support/test-gateway.js'

// Guarantee 2: how streams end. Half-close both ways with calls after it; a reset with its code; a dead link is EOF, never a clean end; a FIN behind unread
// data loses none; a stream to nobody fails within a round trip.

let gateway: TestGateway
/** Between each end and the gateway, to be cut. */
let proxies: { edge: DelayProxy; service: DelayProxy }
let edge: Edge
let service: Service

beforeEach(async () => {
  gateway = await startGateway()
  proxies = { edge: await delayProxy(gateway.edges, 0), service: await delayProxy(gateway.services, 0) }
  edge = await gateway.edge({ reconnect: false }, proxies.edge.address)
  service = await gateway.service({ name: 'other', reconnect: false }, proxies.service.address)
})
afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await proxies.edge[Symbol.asyncDispose]()
  await proxies.service[Symbol.asyncDispose]()
})

type Role = 'edge' | 'service'

/** A stream with both its ends, opened by `opener`. */
async function openPair(opener: Role): Promise<{ ours: Stream; theirs: Stream }> {
  const acceptor = opener === 'edge' ? service : edge
  const theirs = new Promise<Stream>((resolve) => {
    const registration = acceptor.onStream((stream) => {
      registration[Symbol.dispose]()
      resolve(stream)
    })
  })
  const ours = await (opener === 'edge' ? edge.openStream('other') : service.openStream(edge.id))
  return { ours, theirs: await theirs }
}

/** All that is still read, and whether the end was clean: 'end', or the code that was thrown. */
async function readAll(stream: Stream): Promise<{ data: Uint8Array; end: string }> {
  const chunks: Uint8Array[] = []
  let end = 'end'
  try {
    for await (const chunk of stream) chunks.push(chunk)
  } catch (error) {
    end = (error as FrontierError).code
  }
  return { data: Buffer.concat(chunks), end }
}

async function readSome(stream: Stream, bytes: number): Promise<void> {
  const reader = stream[Symbol.asyncIterator]()
  for (let got = 0; got < bytes; ) {
    const { value, done } = await reader.next()
    expect(done).not.toBe(true)
    got += (value as Uint8Array).length
  }
}

/** Waits until the FIN of the writer's end has passed the gateway; behind that of the other end nothing is left of the stream there. */
async function finPassed(writer: Role, stream: Stream): Promise<void> {
  const { exchange } = gateway.frontier
  const peer = writer === 'edge' ? exchange.edges.get(edge.id)! : exchange.services.get(service.id)!
  await eventually('FIN passes the gateway', () => peer.streams?.get(stream.id)?.hasFinished ?? true)
}

const roles: Role[] = ['edge', 'service']

describe.each(roles)('half-close, on a stream that the %s opened', (opener) => {
  test.each(['the opener', 'the acceptor'])('%s first; calls and messages go on in between', async (first) => {
    const { ours, theirs } = await openPair(opener)
    const [one, other] = first === 'the opener' ? [ours, theirs] : [theirs, ours]
    const heard: string[] = []
    for (const stream of [one, other]) {
      await stream.register('echo', (request) => request.data)
      stream.onMessage((message) => void heard.push(message.text()))
    }
    await one.write('last words')
    await one.closeWrite()
    const { data, end } = await readAll(other)
    expect([new TextDecoder().decode(data), end]).toEqual(['last words', 'end'])
    expect(await rejectionOf(one.write('more'))).toMatchObject({ code: 'INVALID_ARGUMENT' })

    const large = payload(300_000)
    for (const stream of [one, other]) {
      expect((await stream.call('echo', 'still there?')).text()).toBe('still there?')
      expect(sha256((await stream.call('echo', large)).data)).toBe(sha256(large))
      await stream.publish('topic', 'hello')
    }
    expect(heard).toEqual(['hello', 'hello'])
    const reading = readAll(one)
    await other.write(large)
    await other.closeWrite()
    const back = await reading
    expect([sha256(back.data), back.end]).toEqual([sha256(large), 'end'])
    expect([(await one.closed).code, (await other.closed).code]).toEqual(['CLOSED', 'CLOSED'])
    expect([edge.listStreams(), service.listStreams()]).toEqual([[], []])
  })

  test('from both sides at once; a call that is on its way is answered first', async () => {
    const { ours, theirs } = await openPair(opener)
    let answer: ((text: string) => void) | undefined
    await theirs.register('slow', () => new Promise<string>((resolve) => (answer = resolve)))
    const reply = ours.call('slow')
    await eventually('the call arrives', () => answer !== undefined)
    const ends = Promise.all([readAll(ours), readAll(theirs)])
    await Promise.all([ours.closeWrite(), theirs.closeWrite()])
    expect((await ends).map(({ end }) => end)).toEqual(['end', 'end'])
    expect([edge.listStreams().length, service.listStreams().length]).toEqual([1, 1])
    answer!('done')
    expect((await reply).text()).toBe('done')
    expect([(await ours.closed).code, (await theirs.closed).code]).toEqual(['CLOSED', 'CLOSED'])
  })
})

describe.each(roles)('a reset, on a stream that the %s opened', (opener) => {
  test.each(['opener', 'acceptor'])('by the %s reaches the other end with its code and reason, and touches no other stream', async (who) => {
    const { ours, theirs } = await openPair(opener)
    const { ours: bystander, theirs: farBystander } = await openPair(opener)
    const [one, other] = who === 'opener' ? [ours, theirs] : [theirs, ours]
    await other.write(payload(100_000))
    const failures = [
      rejectionOf(readSome(other, 1)),
      rejectionOf(other.call('never')),
      // More than fits any window: it waits.
      rejectionOf(other.write(payload(2_000_000))),
    ]
    one.reset(new Error('changed my mind'))
    for (const failure of failures) expect(await failure).toMatchObject({ code: 'STREAM_RESET' })
    const { code, message } = await other.closed
    expect([code, message]).toEqual(['STREAM_RESET', expect.stringContaining('changed my mind')])
    expect((await one.closed).code).toBe('STREAM_RESET')
    for (const stream of [one, other]) {
      expect(await rejectionOf(stream.write('x'))).toMatchObject({ code: 'STREAM_RESET' })
      expect(await readAll(stream)).toMatchObject({ end: 'STREAM_RESET' })
      expect(await rejectionOf(stream.call('never'))).toMatchObject({ code: 'STREAM_RESET' })
    }
    await bystander.write('still here')
    await bystander.closeWrite()
    expect(new TextDecoder().decode((await readAll(farBystander)).data)).toBe('still here')
  })
})

test('a handler that throws resets its stream; one that refuses names its reason', async () => {
  using _ = service.onStream(
    () => {
      throw new Error('not in this state')
    },
    {
      accept: ({ meta }) => {
        if (meta.length > 0) throw new FrontierError('RATE_LIMITED', 'come back later')
      },
    },
  )
  const stream = await edge.openStream('other')
  expect(await stream.closed).toMatchObject({ code: 'STREAM_RESET', message: expect.stringContaining('not in this state') })
  expect(await rejectionOf(edge.openStream('other', { meta: 'x' }))).toMatchObject({ code: 'RATE_LIMITED', origin: 'peer' })
})

/** How the link of an end can go. */
const deaths: Record<string, () => void> = {
  'the edge breaks off': () => edge.abort(),
  'the service breaks off': () => service.abort(),
  'the edge says goodbye': () => void edge.close(),
  'the service says goodbye': () => void service.close(),
  'the connection of the edge is reset': () => proxies.edge.cut('reset'),
  'the connection of the service is reset': () => proxies.service.cut('reset'),
  'the connection of the edge ends': () => proxies.edge.cut('fin'),
  'the connection of the service ends': () => proxies.service.cut('fin'),
  'the gateway closes': () => void gateway.frontier.close(),
}

describe.each(Object.entries(deaths))('when %s', (_, die) => {
  test.each(roles)('a stream in the middle of its data is EOF at both ends (opened by the %s)', async (opener) => {
    const { ours, theirs } = await openPair(opener)
    const reads = Promise.all([readAll(ours), readAll(theirs)])
    const writeForEver = async (stream: Stream): Promise<never> => {
      for (;;) await stream.write(payload(50_000))
    }
    const writes = Promise.all([ours, theirs].map((stream) => rejectionOf(writeForEver(stream))))
    await eventually('data travels', () => ours.bytesAcked > 500_000 && theirs.bytesAcked > 500_000)
    die()
    for (const error of await writes) expect(error).toMatchObject({ code: 'EOF' })
    for (const { end, data } of await reads) {
      expect(end).toBe('EOF')
      expect(data.length).toBeGreaterThan(500_000)
    }
    expect([(await ours.closed).code, (await theirs.closed).code]).toEqual(['EOF', 'EOF'])
    expect(await rejectionOf(ours.call('x'))).toMatchObject({ code: 'EOF' })
  })

  test('what had come before is read first, then EOF', async () => {
    const { ours, theirs } = await openPair('edge')
    const data = payload(200_000)
    await ours.write(data)
    await theirs.write(data)
    // A call goes behind the data: when it is answered, all of it is there.
    for (const stream of [ours, theirs]) await stream.register('sync', () => '')
    await ours.call('sync')
    await theirs.call('sync')
    die()
    expect([(await ours.closed).code, (await theirs.closed).code]).toEqual(['EOF', 'EOF'])
    for (const stream of [ours, theirs]) {
      const all = await readAll(stream)
      expect([all.data.length, sha256(all.data), all.end]).toEqual([data.length, sha256(data), 'EOF'])
    }
  })

  test('an end that had half-closed is told all the same', async () => {
    const { ours, theirs } = await openPair('edge')
    await ours.write('all I had')
    await ours.closeWrite()
    const { data, end } = await readAll(theirs)
    expect([new TextDecoder().decode(data), end]).toEqual(['all I had', 'end'])
    die()
    // Half of it ended cleanly before; the other half did not.
    expect((await readAll(ours)).end).toBe('EOF')
    expect([(await ours.closed).code, (await theirs.closed).code]).toEqual(['EOF', 'EOF'])
    expect(await rejectionOf(theirs.write('too late'))).toMatchObject({ code: 'EOF' })
  })
})

test('when the gateway crashes both ends are told EOF', async () => {
  await using crashing = await startProgram('gateway')
  const { edges, services } = await crashing.ask('addresses')
  edge = await gateway.edge({ reconnect: false }, edges)
  service = await gateway.service({ name: 'other', reconnect: false }, services)
  const { ours, theirs } = await openPair('edge')
  const reads = Promise.all([readAll(ours), readAll(theirs)])
  await ours.write('half a sentence')
  await eventually('it arrived', () => ours.bytesAcked > 0)
  crashing.kill()
  expect((await reads).map(({ end }) => end)).toEqual(['EOF', 'EOF'])
  expect([(await ours.closed).code, (await theirs.closed).code]).toEqual(['EOF', 'EOF'])
})

describe.each(roles)('a FIN from the %s behind data that nobody has read', (writer) => {
  // Below what an end reads ahead, above it, and a window that has grown.
  test.each([
    [1, 0],
    [200_000, 0],
    [262_144 - 10_000, 0],
    [2_000_000, 20_000_000],
    [5_000_000, 40_000_000],
  ])('loses none of %i bytes (%i were read before), even when the link of the writer ends then', async (unread, before) => {
    const { ours, theirs } = await openPair(writer)
    await Promise.all([readSome(theirs, before), ours.write(payload(before))])
    const data = payload(unread, 9)
    const closing = (async () => {
      await ours.write(data)
      await ours.close()
    })()
    closing.catch(() => undefined)
    await finPassed(writer, ours)
    proxies[writer].cut('reset')
    await (writer === 'edge' ? edge : service).closed
    await eventually('the gateway knows', () => gateway.frontier.exchange[writer === 'edge' ? 'edges' : 'services'].size === 0)
    const all = await readAll(theirs)
    expect([all.data.length, sha256(all.data), all.end]).toEqual([data.length, sha256(data), 'end'])
  })

  test('loses none when the writer closes the stream and then its link, as a program does that ends', async () => {
    for (let round = 0; round < 20; round++) {
      const one = writer === 'edge' ? await gateway.edge() : await gateway.service({ name: `w${round}` })
      const [from, to] = writer === 'edge' ? [one as Edge, service] : [one as Service, edge]
      const accepted = new Promise<Stream>((resolve) => {
        const registration = to.onStream((stream) => {
          registration[Symbol.dispose]()
          resolve(stream)
        })
      })
      const stream = await ('name' in from ? from.openStream(edge.id) : from.openStream('other'))
      const theirs = await accepted
      const data = payload(200_000 + round, round)
      await stream.write(data)
      await stream.close()
      await from.close()
      const all = await readAll(theirs)
      expect([all.data.length, sha256(all.data), all.end]).toEqual([data.length, sha256(data), 'end'])
    }
  })
})

describe('a stream to nobody', () => {
  test('fails within a round trip: before a call that was made right behind it is answered', async () => {
    await using far = await delayProxy(gateway.edges, 50)
    await using farToo = await delayProxy(gateway.services, 50)
    const farEdge = await gateway.edge({ methods: { here: () => '' } }, far.address)
    const farService = await gateway.service({ methods: { there: () => '' } }, farToo.address)
    const gone = await gateway.edge()
    const goneId = gone.id
    await gone.close()
    await eventually('it is gone', () => gateway.frontier.exchange.edges.get(goneId) === undefined)
    const settled: string[] = []
    const note = (what: string, promise: Promise<unknown>): Promise<unknown> =>
      promise.then(
        () => settled.push(`${what}: fine`),
        (error: unknown) => settled.push(`${what}: ${(error as FrontierError).code}`),
      )
    await Promise.all([note('stream', farEdge.openStream('nobody')), note('call', farEdge.call('there'))])
    expect(settled.splice(0)).toEqual(['stream: SERVICE_NOT_ONLINE', 'call: fine'])
    for (const id of [goneId, 2n ** 64n - 1n]) {
      await Promise.all([note('stream', farService.openStream(id)), note('call', farService.call(farEdge.id, 'here'))])
      expect(settled.splice(0)).toEqual(['stream: EDGE_NOT_ONLINE', 'call: fine'])
    }
  })

  test('says so to whoever asks an end that takes no streams', async () => {
    for (const open of [() => edge.openStream('other'), () => service.openStream(edge.id)]) {
      expect(await rejectionOf(open())).toMatchObject({ code: 'STREAM_REFUSED', origin: 'peer', delivered: 'no' })
    }
    expect([edge.state, service.state]).toEqual(['online', 'online'])
  })
})
