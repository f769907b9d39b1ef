import { readFileSync } from 'node:fs'
import { createServer } from 'node:tls'

import { startRelay } from './relay.js'
import type { RelayRole } from './role.js'

/** The relay of frames with TLS on both sides, by the certificate and the key in these files. */
export function tlsRelay(certFile: string, keyFile: string): Promise<RelayRole> {
  const options = { cert: readFileSync(certFile), key: readFileSync(keyFile) }
  return startRelay((onSocket) => createServer(options, onSocket))
}
