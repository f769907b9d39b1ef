// The thinnest edge and service on top of a LinkEnd, for the tests of this package; the SDKs add names and types.
import type { Bytes } from '@frontier/wire'
import type { CallOptions, PublishOptions } from '../src/call-options.js'
import type { Reply } from '../src/content.js'
import { LinkEnd } from '../src/link-end.js'
import { resolveLinkOptions, type LinkOptions } from '../src/link-options.js'
import type { OpenStreamOptions, Stream } from '../src/stream.js'

export class TestEdge extends LinkEnd {
  call(method: string, data?: Bytes, options?: CallOptions): Promise<Reply> {
    return this.callPeer(0n, method, data, options)
  }

  publish(topic: string, data: Bytes, options?: PublishOptions): Promise<void> {
    return this.publishTo(0n, topic, data, options)
  }

  openStream(service: string, options: OpenStreamOptions = {}): Promise<Stream> {
    return this.openStreamTo(service, 0n, options)
  }
}

export class TestService extends LinkEnd {
  call(edgeId: bigint, method: string, data?: Bytes, options?: CallOptions): Promise<Reply> {
    return this.callPeer(edgeId, method, data, options)
  }

  publish(edgeId: bigint, topic: string, data: Bytes, options?: PublishOptions): Promise<void> {
    return this.publishTo(edgeId, topic, data, options)
  }

  openStream(edgeId: bigint, options: OpenStreamOptions = {}): Promise<Stream> {
    return this.openStreamTo('', edgeId, options)
  }
}

/** An edge that has not connected yet. */
export function newEdge(address: string | string[], options: LinkOptions = {}, meta: Uint8Array = new Uint8Array(0)): TestEdge {
  return new TestEdge(resolveLinkOptions(address, options, 4096), { role: 'edge', name: '', meta, topics: [], snapshot: false })
}

export async function connectEdge(address: string | string[], options: LinkOptions = {}, meta?: Uint8Array): Promise<TestEdge> {
  const edge = newEdge(address, options, meta)
  await edge.connect()
  return edge
}

export async function connectService(address: string, options: LinkOptions & { name?: string; topics?: string[] } = {}): Promise<TestService> {
  const { name = 'svc', topics = [] } = options
  const service = new TestService(resolveLinkOptions(address, options, 65_536), {
    role: 'service',
    name,
    meta: new Uint8Array(0),
    topics,
    snapshot: false,
    maxInFlightPerPeer: 1024,
  })
  await service.connect()
  return service
}

/** Resolves when `condition` holds; a test that waits in vain times out and says where. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
