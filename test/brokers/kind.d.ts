/** One process of a broker. */
export interface ProcessPlan {
  readonly name: string
  readonly command: readonly string[]
  /** Whether the others start only when it serves. */
  readonly isFirst?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** Before its first start. */
  prepare?(): void | Promise<void>
  /** Rejects with the reason while it does not serve. */
  ready(): Promise<unknown>
}

/** How a broker runs on its ports, with its data in its folder. The same arguments give the same plan. */
export interface BrokerPlan {
  /** In the order in which they start. */
  readonly processes: readonly ProcessPlan[]
  /** host:port that clients use. */
  readonly address: string
  /** All of them, where there are several. */
  readonly addresses?: readonly string[]
  readonly credentials?: { readonly username?: string; readonly password?: string; readonly token?: string; readonly nkeySeed?: string; readonly creds?: string }
  /** host:port that speaks TLS. */
  readonly tls?: string
  readonly env: Readonly<Record<string, string>>
  /** After the first start: lays out a cluster. */
  once?(): Promise<void>
  /** Rejects while the whole does not serve. */
  ready?(): Promise<unknown>
}

export type Describe = (name: string, place: { readonly ports: readonly number[]; readonly data: string }) => BrokerPlan
