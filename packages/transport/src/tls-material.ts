import type { SecureContextOptions } from 'node:tls'

import type { Pem } from './options.js'

type NodePem = string | Buffer | (string | Buffer)[]

function nodePem(pem: Pem): NodePem {
  if (typeof pem === 'string') return pem
  if (pem instanceof Uint8Array) return Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength)
  return pem.map((one) => nodePem(one) as string | Buffer)
}

/** Certificates and keys in the form that Node takes; what is not given stays out. */
export function tlsMaterial(options: { ca?: Pem; cert?: Pem; key?: Pem }): SecureContextOptions {
  const material: SecureContextOptions = {}
  if (options.ca !== undefined) material.ca = nodePem(options.ca)
  if (options.cert !== undefined) material.cert = nodePem(options.cert)
  if (options.key !== undefined) material.key = nodePem(options.key)
  return material
}
