import { toJson, type DescMessage, type JsonValue, type MessageShape } from '@bufbuild/protobuf'
import { createClient, type Client } from '@connectrpc/connect'
import { createConnectTransport } from '@connectrpc/connect-node'
import { Admin, ControlPlane } from '@frontier/controlplane/api'

import type { Connection } from './connection.js'

/** Both services of a gateway's control plane. Calls reject with what `connectFailure` makes a FrontierError of. */
export interface GatewayApi {
  readonly url: string
  readonly timeoutMs: number
  readonly admin: Client<typeof Admin>
  readonly family: Client<typeof ControlPlane>
}

/** A client of the control plane that `connection` names: Connect over HTTP/1.1, the least to start. Dials with the first call. */
export function gatewayApi({ url, token, tls, timeoutMs }: Connection): GatewayApi {
  const socketPath = url.startsWith('unix://') ? decodeURIComponent(url.slice('unix://'.length)) : undefined
  const transport = createConnectTransport({
    baseUrl: socketPath === undefined ? url : 'http://localhost',
    httpVersion: '1.1',
    useBinaryFormat: true,
    nodeOptions: socketPath === undefined ? { ...tls } : { socketPath },
    defaultTimeoutMs: timeoutMs,
    interceptors: [
      (next) => (request) => {
        if (token !== undefined) request.header.set('authorization', `Bearer ${token}`)
        return next(request)
      },
    ],
  })
  return { url, timeoutMs, admin: createClient(Admin, transport), family: createClient(ControlPlane, transport) }
}

/** A message as the REST API would write it: names as in the proto file, 64-bit numbers as strings, nothing left out. */
export function jsonOf<D extends DescMessage>(schema: D, message: MessageShape<D>): JsonValue {
  return toJson(schema, message, { useProtoFieldName: true, alwaysEmitImplicit: true })
}
