import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Bridge, BridgeMessage } from '@frontier/exchange'
import type { FrontierError } from '@frontier/wire'
import { generate } from 'selfsigned'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { verifyWebhook, webhookBridge, type WebhookBridgeOptions } from '@frontier/mq-webhook'
import { message, WebhookServer } from './webhook-server.js'

let server: WebhookServer
const bridges: Bridge[] = []
beforeEach(async () => {
  server = await WebhookServer.start()
  // The ceiling of a wait, always: tries are 1 ms apart.
  vi.spyOn(Math, 'random').mockReturnValue(0.002)
})
afterEach(async () => {
  for (const bridge of bridges.splice(0)) await bridge.close!()
  await vi.waitFor(() => expect(server.sockets).toBe(0))
  await server[Symbol.asyncDispose]()
  vi.restoreAllMocks()
})

interface OpenBridge extends Bridge {
  publish(message: BridgeMessage): Promise<void>
}

function open(options: Partial<WebhookBridgeOptions> = {}): OpenBridge {
  const bridge = webhookBridge({ url: options.url ?? `${server.url}/hook`, topics: ['*'], ...options })
  bridges.push(bridge)
  return bridge as OpenBridge
}

async function failureOf(promise: Promise<void>): Promise<FrontierError> {
  try {
    await promise
  } catch (error) {
    return error as FrontierError
  }
  throw new Error('it did not fail')
}

describe('a request', () => {
  it('has the data as they are, says who sent them, and is signed', async () => {
    const bridge = open({ secret: 'whsec_c2VjcmV0', headers: { Authorization: 'Bearer x', 'content-type': 'image/png' } })
    const data = new Uint8Array([0, 255, 10, 13])
    await bridge.publish(message(data, { topic: 'größe', meta: Buffer.from('some meta'), edge: { edgeId: 2n ** 63n, meta: Buffer.from([1]) } }))
    const [{ method, url, headers, body }] = server.got as [(typeof server.got)[0]]
    expect([method, url, body]).toEqual(['POST', '/hook', Buffer.from(data)])
    expect(headers).toMatchObject({
      authorization: 'Bearer x',
      'content-type': 'image/png',
      'content-length': '4',
      'x-frontier-edge-id': '9223372036854775808',
      'x-frontier-topic-base64': Buffer.from('größe').toString('base64'),
      'x-frontier-meta': 'some meta',
      'x-frontier-edge-meta-base64': 'AQ==',
    })
    expect(verifyWebhook('whsec_c2VjcmV0', { headers, body })).toBe(headers['webhook-id'])
    expect(bridge.status!()).toEqual({ state: 'online', reconnects: 0 })
  })

  it('is signed with each of several secrets, and with none when there is none', async () => {
    await open({ secret: ['old', 'new'] }).publish(message('a'))
    await open().publish(message('b'))
    const [both, neither] = server.got
    for (const secret of ['old', 'new']) verifyWebhook(secret, both!)
    expect(neither!.headers['webhook-signature']).toBeUndefined()
    expect(neither!.headers['webhook-id']).toMatch(/^msg_/)
  })

  it('goes where topic, edge and labels say, and nowhere else', async () => {
    const bridge = open({
      url: `${server.url}/{topic.0}/{edgeId}?at={label.site}`,
      mappings: [{ topic: 'other.>', to: `${server.url}/other/{topic}` }],
    })
    const labels = { site: 'a&b=#c' }
    await bridge.publish(message('x', { topic: 'a/b?c#d.e', edge: { labels } }))
    await bridge.publish(message('x', { topic: 'other.ü', edge: { labels } }))
    expect(server.got.map(({ url }) => url)).toEqual(['/a%2Fb%3Fc%23d/7?at=a%26b%3D%23c', '/other/other.%C3%BC'])
    expect((await failureOf(bridge.publish(message('x', { topic: 'a.b' })))).code).toBe('INVALID_ARGUMENT')
    const upwards = open({ url: `${server.url}/a/{label.site}/b` })
    for (const site of ['..', '.', '\ud800']) expect((await failureOf(upwards.publish(message('x', { edge: { labels: { site } } })))).code).toBe('INVALID_ARGUMENT')
    expect(server.got).toHaveLength(2)
  })
})

describe('an answer', () => {
  it.each([
    [400, 'INVALID_ARGUMENT'],
    [401, 'UNAUTHENTICATED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'RECORD_NOT_FOUND'],
    [410, 'RECORD_NOT_FOUND'],
    [413, 'PAYLOAD_TOO_LARGE'],
    [418, 'INVALID_ARGUMENT'],
  ])('%i is final: %s', async (status, code) => {
    server.reply = () => status
    const error = await failureOf(open().publish(message('x')))
    expect([error.code, error.reason]).toEqual([code, expect.stringContaining(String(status))])
    expect(server.got).toHaveLength(1)
  })

  it('that sends elsewhere is not followed', async () => {
    await using elsewhere = await WebhookServer.start()
    server.reply = () => (_, response) => response.writeHead(307, { location: elsewhere.url }).end()
    expect(await failureOf(open().publish(message('x')))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: expect.stringContaining('307') as string })
    expect(elsewhere.got).toEqual([])
  })

  it.each([408, 425, 429, 500, 503])('%i is tried again, with the same id and a new signature', async (status) => {
    server.reply = (_, index) => (index < 2 ? status : 200)
    const bridge = open({ secret: 's' })
    await bridge.publish(message('x'))
    expect(new Set(server.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(server.got).toHaveLength(3)
    for (const got of server.got) verifyWebhook('s', got)
    expect(bridge.status!()).toMatchObject({ state: 'online', reconnects: 1, lastError: { code: 'BRIDGE_UNAVAILABLE' } })
  })

  it('that is none, or cannot be read, is tried again', async () => {
    const broken = [(socket: { destroy(): void }) => socket.destroy(), (socket: { end(text: string): void }) => socket.end('nonsense\r\n\r\n')]
    server.reply = (_, index) => (index < 2 ? (request) => broken[index]!(request.socket) : 200)
    await open().publish(message('x'))
    expect(server.got).toHaveLength(3)
  })

  it('that never helps ends with BRIDGE_UNAVAILABLE when the tries are up', async () => {
    server.reply = () => 500
    const bridge = open({ maxAttempts: 3 })
    expect(await failureOf(bridge.publish(message('x')))).toMatchObject({ code: 'BRIDGE_UNAVAILABLE', retryable: true, delivered: 'maybe', reason: expect.stringContaining('500') as string })
    expect(server.got).toHaveLength(3)
    expect(bridge.status!().state).toBe('offline')
  })

  it('may say when to come again', async () => {
    server.reply = (_, index) => (index === 0 ? (_request, response) => response.writeHead(503, { 'retry-after': '1' }).end() : 200)
    const timers = vi.spyOn(globalThis, 'setTimeout')
    await open().publish(message('x'))
    expect(server.got).toHaveLength(2)
    expect(timers).toHaveBeenCalledWith(expect.anything(), 1000)
  })

  it('may say to come again when it is too late', async () => {
    server.reply = () => (_, response) => response.writeHead(429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }).end()
    expect((await failureOf(open().publish(message('x', { deadline: performance.now() + 5000 })))).code).toBe('BRIDGE_UNAVAILABLE')
    expect((await failureOf(open({ maxRetryDelayMs: 1000 }).publish(message('x', { deadline: Infinity })))).code).toBe('BRIDGE_UNAVAILABLE')
    expect(server.got).toHaveLength(2)
  })

  it('that goes on for ever is not read for ever, and that is long is no trouble', async () => {
    const chunk = Buffer.alloc(65_536)
    server.reply = (_, index) => (_request, response) => {
      response.writeHead(200)
      const more = (): void => {
        if (response.destroyed) return
        if (response.write(chunk)) setImmediate(more)
        else response.once('drain', more)
      }
      if (index === 0) more()
      else response.end(chunk)
    }
    const bridge = open()
    await bridge.publish(message('a'))
    await bridge.publish(message('b'))
    await vi.waitFor(() => expect(server.sockets).toBeLessThanOrEqual(1))
  })

  it('that does not come to its end keeps nobody waiting', async () => {
    server.reply = () => (_request, response) => void response.writeHead(200).write('and')
    const bridge = open({ maxConcurrency: 2, timeoutMs: 60_000 })
    for (let i = 0; i < 10; i++) await bridge.publish(message(String(i)))
    expect(server.got).toHaveLength(10)
    await vi.waitFor(() => expect(server.sockets).toBe(2))
  })
})

describe('time', () => {
  it('is up when a server does not answer, for a try and for the message', async () => {
    server.reply = () => () => undefined
    const error = await failureOf(open({ timeoutMs: 50, maxAttempts: 2 }).publish(message('x')))
    expect([error.code, server.got.length]).toEqual(['BRIDGE_UNAVAILABLE', 2])
    const own = open()
    const first = failureOf(own.publish(message('a', { deadline: performance.now() + 300 })))
    const second = failureOf(own.publish(message('b', { deadline: performance.now() + 200 })))
    expect(await second).toMatchObject({ code: 'BRIDGE_UNAVAILABLE', delivered: 'no' })
    expect(await first).toMatchObject({ code: 'BRIDGE_UNAVAILABLE', delivered: 'maybe' })
  })

  it('is not spent on what its edge gave up, nor twice on what was published at most once', async () => {
    server.reply = () => 500
    const bridge = open()
    const given = { ...message('x'), isAbandoned: true }
    expect(await failureOf(bridge.publish(given))).toMatchObject({ code: 'BRIDGE_UNAVAILABLE', delivered: 'no' })
    expect(server.got).toHaveLength(0)
    await failureOf(bridge.publish(message('x', { isUnacked: true })))
    expect(server.got).toHaveLength(1)
  })
})

describe('order', () => {
  it('is kept for each key, tries included, and keys do not wait for each other', async () => {
    let isDown = true
    server.reply = ({ headers }) => (isDown && headers['x-frontier-edge-id'] === '1' ? 500 : 200)
    const bridge = open({ maxAttempts: 100_000 })
    const slow = Promise.all(['1a', '1b', '1c'].map((data) => bridge.publish(message(data, { edge: { edgeId: 1n } }))))
    await Promise.all(['2a', '2b', '2c'].map((data) => bridge.publish(message(data, { edge: { edgeId: 2n } }))))
    isDown = false
    await slow
    const firsts = [...new Set(server.bodies)]
    expect(firsts.filter((body) => body.startsWith('1'))).toEqual(['1a', '1b', '1c'])
    expect(firsts.filter((body) => body.startsWith('2'))).toEqual(['2a', '2b', '2c'])
    expect(server.bodies.indexOf('2c')).toBeLessThan(server.bodies.indexOf('1b'))
  })

  it('bounds what is under way at once, with or without keys', async () => {
    server.reply = async (_, index) => {
      // The first ones wait until all are there that may be.
      if (index < 3) await vi.waitFor(() => expect(server.mostAtOnce).toBe(3))
      return 200
    }
    const bridge = open({ maxConcurrency: 3, mappings: [{ topic: 'free', key: '' }] })
    const publishes = Array.from({ length: 60 }, (_, i) => bridge.publish(message(String(i), { edge: { edgeId: BigInt(i % 10) }, ...(i % 2 === 0 && { topic: 'free' }) })))
    await Promise.all(publishes)
    expect(server.mostAtOnce).toBe(3)
    expect(server.got).toHaveLength(60)
  })

  it('uses connections again', async () => {
    const bridge = open()
    for (let i = 0; i < 20; i++) await bridge.publish(message(String(i)))
    expect(server.sockets).toBe(1)
  })
})

describe('a close', () => {
  it('waits for what was published', async () => {
    const bridge = open()
    const publishes = Array.from({ length: 50 }, (_, i) => bridge.publish(message(String(i))))
    await bridge.close!()
    await Promise.all(publishes)
    expect(server.bodies).toEqual(Array.from({ length: 50 }, (_, i) => String(i)))
  })

  it('gives up what takes too long', async () => {
    server.reply = () => () => undefined
    const bridge = open({ closeTimeoutMs: 50 })
    const failures = [bridge.publish(message('a')), bridge.publish(message('b'))].map(failureOf)
    await bridge.close!()
    expect(await Promise.all(failures)).toMatchObject([{ code: 'BRIDGE_UNAVAILABLE' }, { code: 'BRIDGE_UNAVAILABLE' }])
    expect(bridge.status!().state).toBe('closed')
  })
})

describe('TLS', () => {
  it('believes the authority it is given, and no other', async () => {
    const made = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      extensions: [{ name: 'basicConstraints', cA: true }, { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    })
    const secure = https.createServer({ cert: made.cert, key: made.private }, (request, response) => void request.resume().on('end', () => response.end()))
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
    try {
      const url = `https://localhost:${(secure.address() as AddressInfo).port}/`
      for (const tls of [{ ca: made.cert }, { ca: Buffer.from(made.cert) }, { insecureSkipVerify: true }]) await open({ url, tls, required: true }).publish(message('x'))
      const error = await failureOf(open({ url, maxAttempts: 1 }).publish(message('x')))
      expect(error).toMatchObject({ code: 'BRIDGE_UNAVAILABLE', reason: expect.stringContaining('certificate') as string })
      await expect(Promise.resolve(open({ url, required: true }).start?.({} as never))).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    } finally {
      secure.closeAllConnections()
      secure.close()
    }
  })
})

describe('options', () => {
  const start = (bridge: Bridge): Promise<void> => Promise.resolve(bridge.start?.({} as never))

  it('that require a server ask for one before the gateway starts', async () => {
    const bridge = open({ required: true })
    await start(bridge)
    expect(bridge.status!().state).toBe('online')
    const url = server.url
    await server[Symbol.asyncDispose]()
    await expect(start(open({ url, required: true }))).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    server = await WebhookServer.start()
  })

  it.each([
    [{ url: 'http://example.com/' }, 'not https'],
    [{ url: 'ftp://example.com/' }, 'no http(s) URL'],
    [{ url: 'https://{label.host}/' }, 'placeholder before its path'],
    [{ url: 'https://user:password@example.com/' }, 'login'],
    [{ url: 'https://example.com/{nothing}' }, '{nothing}'],
    [{ url: 'https://example.com:99999/' }, 'no URL'],
    [{ url: 'https://a/', mappings: [{ topic: '*', to: 'http://b/' }] }, 'not https'],
    [{ url: 'https://a/', mappings: [{ topic: '*', partition: 1 }] }, 'partitions'],
    [{ url: 'https://a/', consume: [{ from: 'x' }] }, 'consume'],
    [{ url: 'https://a/', topics: [] }, 'topics'],
    [{ url: 'https://a/', secret: '' }, 'secret'],
    [{ url: 'https://a/', secret: 'whsec_!' }, 'base64'],
    [{ url: 'https://a/', headers: { 'webhook-id': 'x' } }, "bridge's own"],
    [{ url: 'https://a/', headers: { 'a b': 'x' } }, 'cannot be sent'],
    [{ url: 'https://a/', headers: { a: 'x\ny' } }, 'cannot be sent'],
    [{ url: 'https://a/', tls: { cert: 'x' } }, 'certificate and its key'],
    [{ url: 'https://a/', maxAttempts: 0 }, 'maxAttempts'],
  ] satisfies [Partial<WebhookBridgeOptions>, string][])('%j does not hold: %s', (options, reason) => {
    expect(() => webhookBridge({ topics: ['*'], ...options })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(reason) as string }) as Error)
  })

  it('may allow http: to elsewhere', () => {
    expect(webhookBridge({ topics: ['*'], url: 'http://example.com/', allowHttp: true }).name).toBe('webhook')
  })
})
