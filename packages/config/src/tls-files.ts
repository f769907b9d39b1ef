import { readFile } from 'node:fs/promises'

import { FrontierError } from '@frontier/wire'

import { describeFileError } from './file-error.js'
import type { TlsConfig } from './listen-config.js'

/** What the files of a {@link TlsConfig} contain, in the form that the transports' `listen` takes. */
export interface ListenTlsMaterial {
  cert: Uint8Array[]
  key: Uint8Array[]
  /** With mtls only. */
  ca?: Uint8Array[]
  mtls: boolean
}

/** Reads the certificates of a side that listens; undefined when its TLS is off. @throws INVALID_ARGUMENT naming the file that cannot be read. */
export async function readListenTls(tls: TlsConfig): Promise<ListenTlsMaterial | undefined> {
  if (!tls.enable) return undefined
  const [cert, key, ca] = await Promise.all([
    readAll(tls.certs.map((files) => files.cert)),
    readAll(tls.certs.map((files) => files.key)),
    readAll(tls.mtls ? tls.ca_certs : []),
  ])
  return { cert, key, mtls: tls.mtls, ...(tls.mtls ? { ca } : {}) }
}

/** What the files of a {@link TlsConfig} contain, for a side that dials. */
export interface DialTlsMaterial {
  /** Undefined = the authorities that Node trusts. */
  ca?: Uint8Array[]
  cert?: Uint8Array
  key?: Uint8Array
  insecureSkipVerify: boolean
}

/** Reads the certificates of a side that dials; undefined when its TLS is off. @throws INVALID_ARGUMENT naming the file that cannot be read. */
export async function readDialTls(tls: TlsConfig): Promise<DialTlsMaterial | undefined> {
  if (!tls.enable) return undefined
  const own = tls.certs.slice(0, 1)
  const [ca, [cert], [key]] = await Promise.all([readAll(tls.ca_certs), readAll(own.map((files) => files.cert)), readAll(own.map((files) => files.key))])
  return {
    ...(ca.length > 0 && { ca }),
    ...(cert !== undefined && key !== undefined && { cert, key }),
    insecureSkipVerify: tls.insecure_skip_verify,
  }
}

function readAll(paths: readonly string[]): Promise<Uint8Array[]> {
  return Promise.all(
    paths.map(async (path) => {
      try {
        return await readFile(path)
      } catch (error) {
        throw new FrontierError('INVALID_ARGUMENT', `cannot read ${path}: ${describeFileError(error)}`, { cause: error })
      }
    }),
  )
}
