import type { Bytes, CallOptions, End, OpenStreamOptions, PublishOptions, Reply, Stream } from '@frontier/geminio'

/** An edge that is connected: it calls, publishes to and opens streams to services, and serves what they ask of it. */
export interface Edge extends End {
  /**
   * Calls a method of the service that the gateway chooses for this edge.
   * @throws RPC_NOT_ONLINE (nobody serves it), REMOTE_ERROR or the code its handler threw, TIMEOUT, CANCELLED, EOF (the link went), UNAVAILABLE (no
   * link in time), BUFFER_FULL, PAYLOAD_TOO_LARGE, DRAINING, INVALID_ARGUMENT (an empty method)
   */
  call(method: string, data?: Bytes, options?: CallOptions): Promise<Reply>
  /**
   * Publishes to the service, or the bridge, that receives `topic`; resolves when the receiver has acknowledged it.
   * @throws TOPIC_NOT_ONLINE (nobody receives it), INVALID_ARGUMENT (an empty topic), else as `call`
   */
  publish(topic: string, data: Bytes, options?: PublishOptions): Promise<void>
  /**
   * Opens a stream to a service of that name; resolves when it was accepted.
   * @throws SERVICE_NOT_ONLINE, STREAM_REFUSED or the code of the service's accept hook, TIMEOUT, CANCELLED, EOF, UNAVAILABLE, DRAINING
   */
  openStream(service: string, options?: OpenStreamOptions): Promise<Stream>
}
