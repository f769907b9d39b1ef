/** Where a side of the gateway listens. */
export interface ListenConfig {
  /** `tcp`, `unix` (a socket file) or `memory` (within this process). */
  readonly network: 'tcp' | 'unix' | 'memory'
  /** `host:port` for tcp (port 0 = any free one, no host = all IPv4 interfaces), an absolute path for unix, a name for memory. */
  readonly addr: string
  /** What others should dial, when it is not `addr`: behind NAT or a load balancer. '' = `addr`. */
  readonly advertised_addr: string
  readonly tls: TlsConfig
}

/** TLS of a side that listens (1.2 or later) or dials. */
export interface TlsConfig {
  readonly enable: boolean
  /** Demand a client certificate signed by one of `ca_certs`. */
  readonly mtls: boolean
  /** PEM files of the authorities to trust. */
  readonly ca_certs: readonly string[]
  /** PEM files of what this side presents; several for several kinds of key. */
  readonly certs: readonly CertificateFiles[]
  /** Dialling only: take any certificate. A side that listens refuses `true`. */
  readonly insecure_skip_verify: boolean
}

/** One certificate chain with its key. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}
