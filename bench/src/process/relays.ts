import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'

import type { Certificate } from './certificate.js'
import { Child } from './child.js'
import type { Middle } from './gateway.js'
import { startWorker } from './worker.js'

/** Starts our relay of frames. */
export async function startRelay(name: 'relay', profile?: string): Promise<Middle> {
  const worker = await startWorker(name, { profile })
  return { child: worker.child, ...worker.info, edgeIds: (count) => worker.ask('edgeIds', { count }) }
}

/** Starts our relay of frames with TLS. */
export async function startTlsRelay({ certFile, keyFile }: Certificate, profile?: string): Promise<Middle> {
  const { child, info } = await startWorker('tls-relay', { profile, args: [certFile, keyFile] })
  return { child, ...info }
}

/** Starts a relay by other means, in Node too. */
export async function startPeerRelay(name: 'socket-io-relay' | 'ws-relay', profile?: string): Promise<Middle> {
  const { child, info } = await startWorker(name, { profile })
  return { child, ...info }
}

/** Starts the splice of bytes. */
export async function startBareSplice(profile?: string): Promise<Middle> {
  const { child, info } = await startWorker('splice', { profile })
  return { child, ...info }
}

/** Starts somebody else's relay: `node FILE gw SERVICE_PORT EDGE_PORT`, which prints `up`. */
export async function startReferenceRelay(file: string, profile?: string): Promise<Middle> {
  const [servicePort, edgePort] = [await freePort(), await freePort()]
  const child = new Child('reference', pathToFileURL(file), { args: ['gw', String(servicePort), String(edgePort)], profile })
  await child.announced(/^up/)
  return { child, servicePort, edgePort }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
