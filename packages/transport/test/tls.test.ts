import { connect } from 'node:net'

import { afterEach, beforeAll, describe, expect, it } from 'vitest'

import { dial, listen, type BytePipe, type DialTlsOptions, type Listener, type ListenOptions, type Refusal } from '../src/index.js'
import { makeCertificate, type Certificate } from './certificates.js'
import { linkBytes, Recorder, until } from './recorder.js'

describe('tls', () => {
  let ca: Certificate
  let server: Certificate
  let client: Certificate
  let stranger: Certificate
  let listener: Listener
  let pipes: BytePipe[] = []
  let refused: Refusal[] = []

  beforeAll(async () => {
    ca = await makeCertificate('authority')
    server = await makeCertificate('gateway', { ca, dns: ['localhost'], ip: ['127.0.0.1'] })
    client = await makeCertificate('edge-7', { ca, dns: ['edge-7.example'], uri: ['spiffe://acme/edge/7'] })
    stranger = await makeCertificate('stranger', { dns: ['edge-7.example'] })
  })

  const start = async (tls: Partial<NonNullable<ListenOptions['tls']>> = {}, options: Partial<ListenOptions> = {}): Promise<void> => {
    pipes = []
    refused = []
    listener = await listen('tls://127.0.0.1:0', {
      tls: { ...server, ...tls },
      onPipe: (pipe) => void pipes.push(pipe),
      onRefused: (refusal) => void refused.push(refusal),
      ...options,
    })
  }

  const port = (): number => Number(listener.address.split(':').pop())

  const dialWith = (tls: DialTlsOptions): Promise<BytePipe> => dial(listener.address, { tls })

  afterEach(async () => {
    await listener.close()
    for (const pipe of pipes) pipe.destroy()
  })

  it('without mtls nobody is asked for a certificate, and nobody has an identity', async () => {
    await start()
    const pipe = await dialWith({ ca: ca.cert, ...client })
    pipe.write([linkBytes()])
    await until(() => pipes.length === 1)
    expect(pipes[0]!.identity).toBeUndefined()
    expect(pipe.identity).toBeUndefined()
    pipe.destroy()
  })

  it('mtls tells who the peer is', async () => {
    await start({ mtls: true, ca: ca.cert })
    const pipe = await dialWith({ ca: ca.cert, ...client })
    pipe.write([linkBytes()])
    await until(() => pipes.length === 1)
    expect(pipes[0]!.identity).toEqual({ subject: 'CN=edge-7', san: ['DNS:edge-7.example', 'URI:spiffe://acme/edge/7'] })
    pipe.destroy()
  })

  it.each(['no certificate', 'a certificate of another authority'])('mtls refuses %s', async (kind) => {
    await start({ mtls: true, ca: ca.cert })
    const own = kind === 'no certificate' ? {} : stranger
    // TLS 1.3 clients are connected before the server has seen their certificate; TLS 1.2 ones fail in the dial.
    const pipe = await dialWith({ ca: ca.cert, ...own }).catch(() => undefined)
    if (pipe !== undefined) {
      const recorder = Recorder.on(pipe)
      pipe.write([linkBytes()])
      await until(() => recorder.ends === 1)
    }
    await until(() => refused.length === 1)
    expect(refused[0]!.reason).toBe('bad-certificate')
    expect(pipes).toEqual([])
  })

  it('a certificate of an unknown authority is not accepted, and the message says so', async () => {
    await start()
    await expect(dialWith({})).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('its certificate is not accepted'),
    })
    const careless = await dialWith({ rejectUnauthorized: false })
    careless.destroy()
  })

  it('the certificate must carry the name that was asked for', async () => {
    await start()
    await expect(dialWith({ ca: ca.cert, servername: 'other.example' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('its certificate is not accepted'),
    })
    const named = await dialWith({ ca: ca.cert, servername: 'localhost' })
    named.destroy()
    const byHostName = await dial(`tls://localhost:${port()}`, { tls: { ca: ca.cert } })
    byHostName.destroy()
  })

  it('takes certificates and authorities as bytes and lists, too', async () => {
    await start({ cert: [Buffer.from(server.cert)], key: [Buffer.from(server.key)], ca: [stranger.cert, ca.cert], mtls: true })
    const pipe = await dialWith({ ca: [new TextEncoder().encode(ca.cert)], cert: client.cert, key: client.key })
    pipe.write([linkBytes()])
    await until(() => pipes.length === 1)
    pipe.destroy()
  })

  it.each([
    ['plain-on-tls', 'GET / HTTP/1.1\r\n\r\n'],
    ['plain-on-tls', Buffer.concat([linkBytes(1, 0, 0), Buffer.alloc(60)])],
  ])('%s is refused', async (reason, bytes) => {
    await start()
    const socket = connect(port(), '127.0.0.1')
    let isClosed = false
    socket.on('error', () => undefined).on('close', () => (isClosed = true)).resume()
    socket.write(bytes)
    await until(() => isClosed && refused.length === 1)
    expect(refused[0]!.reason).toBe(reason)
  })

  it('silence is refused before the handshake and after it; probes are not', async () => {
    await start({}, { sniffTimeoutMs: 80 })
    const silent = connect(port(), '127.0.0.1')
    silent.on('error', () => undefined).resume()
    const probe = connect(port(), '127.0.0.1', () => probe.end())
    probe.resume()
    const mute = Recorder.on(await dialWith({ ca: ca.cert }))
    await until(() => mute.ends === 1 && refused.length === 2)
    expect(refused.map(({ reason }) => reason)).toEqual(['silence', 'silence'])
  })

  it.each([
    [{ mtls: true }, 'tls.mtls needs tls.ca'],
    [{ cert: 'nonsense' }, 'cannot be used'],
  ])('refuses %j', async (tls, reason) => {
    await expect(start(tls)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(reason) })
  })
})
