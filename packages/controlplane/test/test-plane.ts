import { createClient, type Client, type Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'

import { createControlPlane } from '../src/control-plane.js'
import { ControlPlane } from '../src/gen/controlplane_pb.js'
import { Admin } from '../src/gen/frontier/v1/admin_pb.js'
import type { ControlPlaneOptions } from '../src/options.js'
import { FakeBackend } from './fake-backend.js'

/** A control plane on a port of its own, over a fake gateway. */
export interface TestPlane extends AsyncDisposable {
  readonly backend: FakeBackend
  /** `http://127.0.0.1:1234`, or https. */
  readonly url: string
  readonly port: number
}

export async function testPlane(options: Partial<ControlPlaneOptions> = {}, backend = new FakeBackend()): Promise<TestPlane> {
  const address = options.tls === undefined ? 'tcp://127.0.0.1:0' : 'tls://127.0.0.1:0'
  const plane = await createControlPlane(backend, { address, ...options })
  const port = Number(/:(\d+)$/.exec(plane.address)?.[1])
  return {
    backend,
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: () => plane.close(),
  }
}

export type ProtocolName = 'grpc' | 'grpc-web' | 'grpc-web over HTTP/2' | 'connect' | 'connect in binary over HTTP/2'

export const protocolNames: readonly ProtocolName[] = ['grpc', 'grpc-web', 'grpc-web over HTTP/2', 'connect', 'connect in binary over HTTP/2']

export function transportOf(protocol: ProtocolName, url: string, nodeOptions: object = {}): Transport {
  const one = { baseUrl: url, httpVersion: '1.1' as const, nodeOptions }
  const two = { baseUrl: url, httpVersion: '2' as const, nodeOptions }
  switch (protocol) {
    case 'grpc':
      return createGrpcTransport({ baseUrl: url, nodeOptions })
    case 'grpc-web':
      return createGrpcWebTransport(one)
    case 'grpc-web over HTTP/2':
      return createGrpcWebTransport(two)
    case 'connect':
      return createConnectTransport({ ...one, useBinaryFormat: false })
    case 'connect in binary over HTTP/2':
      return createConnectTransport({ ...two, useBinaryFormat: true })
  }
}

export interface Clients {
  family: Client<typeof ControlPlane>
  admin: Client<typeof Admin>
}

export function clientsOf(protocol: ProtocolName, url: string, nodeOptions: object = {}): Clients {
  const transport = transportOf(protocol, url, nodeOptions)
  return { family: createClient(ControlPlane, transport), admin: createClient(Admin, transport) }
}
