import type { BrokerKind } from '../brokers/broker-kind.js'
import type { Usage } from '../process/usage.js'
import type { CallerTarget, Poured, StreamEndTarget, StreamLoad, Taken } from '../load.js'
import type { EndTarget, FloodLoad, Flooded, RequestLoad, RequestOutcome, RequesterTarget, TopicFloodLoad } from '../request-load.js'

/** What runs in a worker process: what it tells when it is ready, and the commands it takes. Everything that passes is JSON. */
export interface Role {
  readonly info: unknown
  readonly commands: Readonly<Record<string, (params: never) => unknown>>
}

/** Stands in the middle, with a port for each side. */
export interface MiddleRole {
  readonly info: { readonly servicePort: number; readonly edgePort: number }
  readonly commands: Record<string, never>
}

/** Keeps a server that is not written in Node. */
export interface ForeignServerRole {
  readonly info: { readonly port: number }
  readonly commands: { used(): Usage }
}

/** Edges that only ping. */
export interface CallerRole {
  readonly info: null
  readonly commands: {
    connect(target: CallerTarget): Promise<void>
    disconnect(): Promise<void>
  }
}

/** A relay of frames, which numbers its edges; `edgeIds` resolves with the ids of all of them once there are so many. */
export interface RelayRole {
  readonly info: MiddleRole['info']
  readonly commands: { edgeIds(edges: { count: number }): Promise<string[]> }
}

/** Edges or a service that send requests, round by round. */
export interface RequesterRole {
  readonly info: null
  readonly commands: {
    connect(target: RequesterTarget): Promise<void>
    run(load: RequestLoad): Promise<RequestOutcome>
    disconnect(): Promise<void>
  }
}

/** A service or edges that answer; `connect` resolves with the ids granted. */
export interface ResponderRole {
  readonly info: null
  readonly commands: {
    connect(target: EndTarget): Promise<string[]>
    disconnect(): Promise<void>
  }
}

/** Edges that only are there; of {@link CallerTarget} they need port and number. */
export interface IdleEdgesRole {
  readonly info: null
  readonly commands: {
    connect(target: CallerTarget): Promise<void>
    /** Right before the gateway goes: all edges are online now. */
    expectLoss(): void
    /** Resolves with the unix milliseconds at which all were online again. */
    back(): Promise<number>
  }
}

/** Edges that call one after the other, those that are online. */
export interface ProberRole {
  readonly info: null
  readonly commands: {
    connect(target: CallerTarget): Promise<void>
    start(): void
    /** What has been since `start`. */
    stop(): { calls: number; failed: number; p50Us: number; p99Us: number }
  }
}

/** A service with an id hook. */
export interface IdServiceRole {
  readonly info: null
  readonly commands: { connect(target: { port: number }): Promise<void> }
}

/** By raw frames, it floods some edges beside what it asks of others. */
export interface RawRequesterRole extends RequesterRole {
  readonly commands: RequesterRole['commands'] & {
    /** Until the next `disconnect`, from one service. */
    flood(load: FloodLoad): void
    flooded(): Flooded
    /** From all edges into their topic, until `endFlood`; the next `run` has to wait until `flooded` knows of every message. */
    floodTopic(load: TopicFloodLoad): void
    endFlood(): void
  }
}

/** Publishes to a broker without a gateway. */
export interface BrokerPublisherRole {
  readonly info: null
  readonly commands: {
    /** Makes the topic, stream or queue, too. */
    connect(target: { kind: BrokerKind; addresses: readonly string[]; edges: number }): Promise<void>
    run(load: RequestLoad): Promise<RequestOutcome>
    disconnect(): Promise<void>
  }
}

/** By raw frames, it can stop reading. */
export interface RawResponderRole extends ResponderRole {
  readonly commands: ResponderRole['commands'] & { pause(): void }
}

/** Counts the bytes of streams, a service unless it is to be an edge; `expect` comes before each and returns the id of an edge. */
export interface SinkRole {
  readonly info: null
  readonly commands: { expect(stream: { port: number; bytes: number; as?: 'edge' | undefined }): Promise<string | null> }
}

/** An edge or a service that pours streams without end, or counts what it is sent. Raw, a stream is a connection of its own through the splice. */
export interface StreamEndRole {
  readonly info: null
  readonly commands: {
    /** Returns the ids of the edges. */
    connect(target: StreamEndTarget): Promise<string[]>
    /** Writes on that many streams until `stop`; at a service, to one edge. */
    pour(load: Poured): Promise<void>
    stop(): Promise<void>
    /** Counts what each stream that the other end has opened brings within a time. */
    taken(during: { ms: number }): Promise<Taken>
  }
}

/** With the SDKs, it opens and closes streams, and it calls beside them. */
export interface SdkStreamEndRole extends StreamEndRole {
  readonly commands: StreamEndRole['commands'] & {
    /** Opens and closes streams, so many at a time, each closed by both ends before the next; at an edge. */
    churn(load: { inFlight: number; ms: number }): Promise<{ streams: number; seconds: number }>
    /** One call after the other; at an edge. */
    call(during: { ms: number }): Promise<RequestOutcome>
  }
}

/** A long way to another port of this machine: everything arrives later, nothing is lost. */
export interface SlowPathRole {
  readonly info: { readonly port: number }
  readonly commands: { lead(way: { port: number; oneWayMs: number; bytesPerSecond: number | null }): void }
}

/** Writes a stream, an edge unless it is told which edge to write to; resolves when the sink has said that it has everything. */
export interface SourceRole {
  readonly info: null
  readonly commands: { send(stream: StreamLoad): Promise<{ seconds: number }> }
}
