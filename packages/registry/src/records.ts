/**
 * What the registry has to know of an edge that is online. The registry keeps a reference and makes no copy: hand it the link object itself.
 * All fields but `methods` stay as they are while the record is in the registry.
 */
export interface EdgeRecord {
  /** 1 to 2^64-1. */
  readonly edgeId: bigint
  /** What the edge presented when it came. */
  readonly meta: Uint8Array
  readonly labels: Readonly<Record<string, string>>
  /** Remote address, `127.0.0.1:5000`. */
  readonly address: string
  /** Grows with every link of the same edge. */
  readonly generation: number | bigint
  /** When it came online, in Unix milliseconds. */
  readonly at: number
  /** The methods it has registered now: at `removeEdge` every name that was added and not removed. */
  readonly methods: Iterable<string>
}

/** What the registry has to know of a service that is online; kept by reference, as {@link EdgeRecord}. */
export interface ServiceRecord {
  /** 1 to 2^64-1. */
  readonly serviceId: bigint
  /** May be empty, and many services may have the same. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly address: string
  /** When it came online, in Unix milliseconds. */
  readonly at: number
  readonly methods: Iterable<string>
  /** The topics it receives now. */
  readonly topics: Iterable<string>
}

/** An edge as queries and events tell of it: a copy that changes no more, but for `meta` and `labels`, which are the record's own. */
export interface EdgeEntry extends EdgeRecord {
  readonly methods: readonly string[]
}

/** A service as queries and events tell of it: a copy, as {@link EdgeEntry}. */
export interface ServiceEntry extends ServiceRecord {
  readonly methods: readonly string[]
  readonly topics: readonly string[]
}

/** What `edge` is like now. */
export function edgeEntry(edge: EdgeRecord): EdgeEntry {
  const { edgeId, meta, labels, address, generation, at, methods } = edge
  return { edgeId, meta, labels, address, generation, at, methods: [...methods] }
}

/** What `service` is like now. */
export function serviceEntry(service: ServiceRecord): ServiceEntry {
  const { serviceId, name, labels, address, at, methods, topics } = service
  return { serviceId, name, labels, address, at, methods: [...methods], topics: [...topics] }
}
