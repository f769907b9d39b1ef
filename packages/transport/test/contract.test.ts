import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { makeCertificate } from './certificates.js'
import { describeTransport } from './transport.contract.js'

describeTransport('tcp', async () => ({ address: 'tcp://127.0.0.1:0' }))

describeTransport('unix', async () => ({ address: `unix://${path.join(tmpdir(), `frontier-${randomUUID()}.sock`)}` }))

describeTransport('memory', async () => ({ address: `memory://${randomUUID()}` }))

const certificates = makeCertificate('authority').then(async (ca) => ({
  ca,
  server: await makeCertificate('gateway', { ca, ip: ['127.0.0.1'] }),
}))

describeTransport('tls', async () => {
  const { ca, server } = await certificates
  return { address: 'tls://127.0.0.1:0', listenOptions: { tls: server }, dialOptions: { tls: { ca: ca.cert } } }
})
