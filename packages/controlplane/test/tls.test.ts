import { connect } from 'node:tls'

import { beforeAll, describe, expect, it } from 'vitest'

import { makeCertificate, type Certificate } from './certificates.js'
import { clientsOf, protocolNames, testPlane } from './test-plane.js'

let ca: Certificate
let server: Certificate
let ops: Certificate
let viewer: Certificate
let other: Certificate
const bytes = (pem: string): Uint8Array[] => [Buffer.from(pem)]

beforeAll(async () => {
  ca = await makeCertificate('ca')
  server = await makeCertificate('gateway', { ca, ip: ['127.0.0.1'] })
  ops = await makeCertificate('ops', { ca })
  viewer = await makeCertificate('viewer', { ca, dns: ['viewer.example.com'] })
  other = await makeCertificate('other', { ca })
})

describe.each(protocolNames)('%s over TLS', (protocol) => {
  it('is told apart by ALPN', async () => {
    await using plane = await testPlane({ tls: { cert: bytes(server.cert), key: bytes(server.key), mtls: false } })
    expect((await clientsOf(protocol, plane.url, { ca: ca.cert }).family.listEdges({})).count).toBe(0)
  })

  it('knows client certificates by subject and alternative name', async () => {
    await using plane = await testPlane({
      tls: { cert: bytes(server.cert), key: bytes(server.key), ca: bytes(ca.cert), mtls: true },
      certificates: [
        { name: 'ops', role: 'admin', subject: 'CN=ops' },
        { name: 'viewer', role: 'read', san: 'DNS:viewer.example.com' },
      ],
      tokens: [{ name: 't', role: 'admin', token: 'a-token-for-anybody' }],
    })
    const as = ({ cert, key }: Certificate) => clientsOf(protocol, plane.url, { ca: ca.cert, cert, key }).admin
    await as(ops).drain({})
    expect((await as(viewer).listEdges({})).count).toBe(0n)
    await expect(as(viewer).drain({})).rejects.toMatchObject({ code: 7 })
    await expect(as(other).listEdges({})).rejects.toMatchObject({ code: 16 })
    await as(other).drain({}, { headers: { authorization: 'Bearer a-token-for-anybody' } })
    await expect(clientsOf(protocol, plane.url, { ca: ca.cert }).admin.listEdges({})).rejects.toThrow()
  })
})

it('a client without ALPN gets HTTP/1.1', async () => {
  await using plane = await testPlane({ tls: { cert: bytes(server.cert), key: bytes(server.key), mtls: false } })
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect({ port: plane.port, host: '127.0.0.1', ca: ca.cert })
    socket.on('data', (chunk) => resolve(chunk.toString())).on('error', reject)
    socket.write('GET /v1/edges HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  })
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/)
})

it.each([
  [{ tls: { cert: bytes('x'), key: bytes('y'), mtls: false } }],
  [{ certificates: [{ name: 'a', role: 'read' as const, subject: 'CN=a' }] }],
  [{ tokens: [{ name: 'a', role: 'read' as const, token: '' }] }],
  [{ maxBodyBytes: 0 }],
  [{ address: 'tls://127.0.0.1:0' }],
  [{ address: 'memory://x' }],
])('refuses %j', async (options) => {
  await expect(testPlane(options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})
