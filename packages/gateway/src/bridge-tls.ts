import type { DialTlsMaterial } from '@frontier/config'

/** TLS to a broker, as the bridges take it. */
export interface BridgeTls {
  readonly ca?: Buffer | undefined
  readonly cert?: Buffer | undefined
  readonly key?: Buffer | undefined
  readonly insecureSkipVerify: boolean
}

/** What was read from files, in the form of the bridges; undefined when TLS is off. */
export function pemOf(tls: DialTlsMaterial | undefined): BridgeTls | undefined {
  if (tls === undefined) return undefined
  const { ca, cert, key, insecureSkipVerify } = tls
  return {
    // PEM stands side by side.
    ca: ca === undefined ? undefined : Buffer.concat(ca),
    cert: cert === undefined ? undefined : Buffer.from(cert),
    key: key === undefined ? undefined : Buffer.from(key),
    insecureSkipVerify,
  }
}
