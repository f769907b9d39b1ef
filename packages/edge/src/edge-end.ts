import {
  checkedName,
  FrontierError,
  LinkEnd,
  type Bytes,
  type CallOptions,
  type OpenStreamOptions,
  type PublishOptions,
  type Reply,
  type ResolvedLinkOptions,
  type Stream,
} from '@frontier/geminio'
import type { Edge } from './edge.js'

/** No target of its own: the gateway chooses the service. */
const NO_PEER = 0n

/** The end of an edge. */
export class EdgeEnd extends LinkEnd implements Edge {
  constructor(options: ResolvedLinkOptions, meta: Uint8Array) {
    super(options, { role: 'edge', name: '', meta, topics: [], snapshot: false })
  }

  call(method: string, data?: Bytes, options?: CallOptions): Promise<Reply> {
    return this.callPeer(NO_PEER, method, data, options)
  }

  publish(topic: string, data: Bytes, options?: PublishOptions): Promise<void> {
    if (topic === '') return Promise.reject(new FrontierError('INVALID_ARGUMENT', 'the name of a topic must be a string that is not empty'))
    return this.publishTo(NO_PEER, topic, data, options)
  }

  openStream(service: string, options: OpenStreamOptions = {}): Promise<Stream> {
    return this.guarded(() => this.openStreamTo(checkedName(service, 'service'), NO_PEER, options))
  }
}
