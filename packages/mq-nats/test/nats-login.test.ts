import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createNetServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createServer as createTlsServer } from 'node:tls'

import { nkeys } from 'nats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { missing, startBroker, type BrokerProcess } from '../../../test/brokers/brokers.mjs'
import type { NatsBridgeOptions } from '../src/index.js'
import { openDriver, resources } from './nats.js'
import { tracked, unique, until } from './pending.js'

const why = missing('nats')

async function publishes(options: Partial<NatsBridgeOptions>): Promise<void> {
  const session = await openDriver(options)
  const { message, outcome } = tracked(unique('subject'))
  session.send([message])
  expect(await outcome).toEqual({ how: 'done' })
  await session.close(1_000)
}

async function isRefused(options: Partial<NatsBridgeOptions>, code: string): Promise<void> {
  const before = resources()
  await expect(openDriver(options)).rejects.toMatchObject({ code })
  await until(() => resources() <= before, 'nothing is left')
}

describe.skipIf(why !== undefined)(`logging in to NATS without a password${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const stranger = nkeys.createUser()
  const strangersSeed = new TextDecoder().decode(stranger.getSeed())
  let servers: BrokerProcess[]

  beforeAll(async () => {
    servers = await Promise.all([startBroker('nats-nkey'), startBroker('nats-jwt'), startBroker('nats-mtls')])
  }, 60_000)
  afterAll(() => Promise.all(servers.map((server) => server.stop())))

  const [nkey, jwt, mtls] = [() => servers[0]!, () => servers[1]!, () => servers[2]!]
  const seed = (): string => nkey().credentials!.nkeySeed!
  const creds = (): string => jwt().credentials!.creds!

  it('with an nkey', async () => {
    await publishes({ addresses: [nkey().address], nkeySeed: seed() })
    await publishes({ addresses: [nkey().address], nkeySeed: `${seed()}\n` })
    await isRefused({ addresses: [nkey().address], nkeySeed: strangersSeed }, 'UNAUTHENTICATED')
    await isRefused({ addresses: [nkey().address] }, 'UNAUTHENTICATED')
  })

  it('with a file of credentials', async () => {
    await publishes({ addresses: [jwt().address], creds: creds() })
    await publishes({ addresses: [jwt().address], creds: Buffer.from(creds()) })
    await isRefused({ addresses: [jwt().address], creds: creds().replace(seed(), strangersSeed) }, 'UNAUTHENTICATED')
    await isRefused({ addresses: [jwt().address] }, 'UNAUTHENTICATED')
  })

  it('with a certificate, and TLS before all else', async () => {
    const { ca, cert, key } = mtls().tls!
    const tls = { ca, cert, key, handshakeFirst: true }
    await publishes({ addresses: [mtls().address], tls })
    await publishes({ addresses: [mtls().address.replace('localhost', '127.0.0.1')], tls })
    await isRefused({ addresses: [mtls().address], tls: { ca, handshakeFirst: true } }, 'UNAUTHENTICATED')
    await isRefused({ addresses: [mtls().address], tls: { cert, key, handshakeFirst: true } }, 'BRIDGE_UNAVAILABLE')
    await isRefused({ addresses: [mtls().address], tls: { ca, cert, key }, connectTimeoutMs: 1_000 }, 'BRIDGE_UNAVAILABLE')
    await isRefused({ addresses: [jwt().address], tls, creds: creds() }, 'INVALID_ARGUMENT')
  })

  it('leaves no socket at a server that hangs within TLS', async () => {
    const silent = createNetServer()
    const sockets = new Set<Socket>()
    silent.on('connection', (socket) => sockets.add(socket))
    await listening(silent)
    const before = resources()
    const { ca } = mtls().tls!
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`
    await expect(openDriver({ addresses: [address], tls: { ca, handshakeFirst: true }, connectTimeoutMs: 1_000 })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    for (const socket of sockets) socket.on('error', () => undefined).resume()
    await until(() => [...sockets].every((socket) => socket.readableEnded || socket.destroyed), 'the far ends are gone')
    for (const socket of sockets) socket.destroy()
    await until(() => resources() <= before, 'nothing is left')
    await new Promise((resolve) => silent.close(resolve))
  })
})

describe.skipIf(why !== undefined)(`a NATS server that is dialled by its IP address${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'frontier-nats-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  /** A server that greets, turns to TLS, and has a certificate for `name` alone. */
  async function server(name: string, sockets: Set<Socket>): Promise<{ near: Server; ca: string; address: string }> {
    const file = (kind: string): string => path.join(folder, `${name}.${kind}`)
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file('key'), '-out', file('pem')]
    execFileSync('openssl', ['req', '-x509', ...key, '-subj', '/CN=x', '-addext', `subjectAltName=${name}`], { stdio: 'ignore' })
    const [ca, privateKey] = await Promise.all([readFile(file('pem'), 'utf8'), readFile(file('key'), 'utf8')])
    const secured = createTlsServer({ cert: ca, key: privateKey }, (socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => {
        if (bytes.includes('PING')) socket.write('PONG\r\n')
      })
    })
    secured.on('tlsClientError', () => undefined)
    const near = createNetServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      const info = { server_id: 'x', version: '2.10.0', proto: 1, headers: true, max_payload: 1_000, tls_required: true, host: '127.0.0.1', port: 1 }
      socket.write(`INFO ${JSON.stringify(info)}\r\n`)
      secured.emit('connection', socket)
    })
    await listening(near)
    return { near, ca, address: `127.0.0.1:${(near.address() as AddressInfo).port}` }
  }

  it.each([
    ['IP:127.0.0.1', true],
    ['DNS:localhost', false],
  ])('has to have a certificate for that: %s', async (name, isTaken) => {
    const sockets = new Set<Socket>()
    const { near, ca, address } = await server(name, sockets)
    const opening = openDriver({ addresses: [address], tls: { ca } })
    if (isTaken) await (await opening).close(0)
    else await expect(opening).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => near.close(resolve))
  })
})

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
}
