import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { generate } from 'selfsigned'

const HOUR_MS = 3_600_000

/** A certificate of this machine, which is its own authority, good for a day. */
export interface Certificate {
  /** PEM, for those who dial. */
  readonly ca: string
  readonly certFile: string
  readonly keyFile: string
  /** The folder of both. */
  readonly folder: string
  /** Deletes the files. */
  stop(): Promise<void>
}

/** Makes a certificate with an elliptic key for 127.0.0.1 in a folder of its own. */
export async function makeCertificate(): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'bench' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - HOUR_MS),
    notAfterDate: new Date(Date.now() + 24 * HOUR_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  })
  const folder = mkdtempSync(path.join(tmpdir(), 'frontier-bench-'))
  const [certFile, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key, { mode: 0o600 })
  const stop = (): Promise<void> => {
    rmSync(folder, { recursive: true, force: true })
    return Promise.resolve()
  }
  return { ca: cert, certFile, keyFile, folder, stop }
}
