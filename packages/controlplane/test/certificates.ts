import { generate } from 'selfsigned'

/** A certificate with its key, in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

interface Wanted {
  /** Signs it; without one it signs itself, as an authority. */
  readonly ca?: Certificate
  readonly dns?: readonly string[]
  readonly ip?: readonly string[]
  readonly uri?: readonly string[]
}

/** Makes a certificate that is good for a day. */
export async function makeCertificate(commonName: string, wanted: Wanted = {}): Promise<Certificate> {
  const { ca, dns = [], ip = [], uri = [] } = wanted
  const altNames = [
    ...dns.map((value) => ({ type: 2 as const, value })),
    ...uri.map((value) => ({ type: 6 as const, value })),
    ...ip.map((address) => ({ type: 7 as const, ip: address })),
  ]
  const isAuthority = ca === undefined
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3_600_000),
    notAfterDate: new Date(Date.now() + 86_400_000),
    ...(isAuthority ? {} : { ca }),
    extensions: [
      { name: 'basicConstraints', cA: isAuthority, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: isAuthority, critical: true },
      ...(altNames.length > 0 ? [{ name: 'subjectAltName' as const, altNames }] : []),
    ],
  })
  return { cert: made.cert, key: made.private }
}
