import type { Bytes, CallOptions, End, Id, OpenStreamOptions, PublishOptions, Reply, Stream, WaitOptions } from '@frontier/geminio'
import type { EdgeOfflineHandler, EdgeOnlineHandler, GetEdgeIdHandler } from './hooks.js'

/** Options of a publish to an edge. */
export interface EdgePublishOptions extends PublishOptions {
  /** Shown to the edge as the message's topic; '' by default. */
  topic?: string | undefined
}

/** A service that is connected: it calls, publishes to and opens streams to single edges, and serves what they ask of it. */
export interface Service extends End {
  /** The name it connected with; '' without one. */
  readonly name: string
  /**
   * Calls a method of one edge.
   * @throws EDGE_NOT_ONLINE, RPC_NOT_ONLINE (the edge does not serve it), REMOTE_ERROR or the code its handler threw, TIMEOUT, CANCELLED, EOF,
   * UNAVAILABLE (no link in time), BUFFER_FULL, PAYLOAD_TOO_LARGE, DRAINING
   */
  call(edgeId: Id, method: string, data?: Bytes, options?: CallOptions): Promise<Reply>
  /** Publishes to one edge; resolves when it has acknowledged it. @throws EDGE_NOT_ONLINE, else as `call` */
  publish(edgeId: Id, data: Bytes, options?: EdgePublishOptions): Promise<void>
  /**
   * Opens a stream to one edge; resolves when it was accepted.
   * @throws EDGE_NOT_ONLINE, STREAM_REFUSED or the code of the edge's accept hook, TIMEOUT, CANCELLED, EOF, UNAVAILABLE, DRAINING
   */
  openStream(edgeId: Id, options?: OpenStreamOptions): Promise<Stream>
  /** Gives edges their ids; a throw refuses the edge. Resolves when the gateway asks here. @throws INVALID_ARGUMENT when there is one, as `register` */
  onGetEdgeId(handler: GetEdgeIdHandler, options?: WaitOptions): Promise<Disposable>
  /** Hears of edges that come, each edge's events strictly in order; a throw refuses the edge, and it can be called once this has returned. @throws as above */
  onEdgeOnline(handler: EdgeOnlineHandler, options?: WaitOptions): Promise<Disposable>
  /** Hears of edges that went. @throws as above */
  onEdgeOffline(handler: EdgeOfflineHandler, options?: WaitOptions): Promise<Disposable>
}
