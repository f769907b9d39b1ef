// An edge and a service with one fake gateway between them.
import type { LinkOptions } from '../src/link-options.js'
import type { Stream } from '../src/stream.js'
import { connectEdge, connectService, type TestEdge, type TestService } from './ends.js'
import { FakeGateway } from './fake-gateway.js'

export interface Pair extends AsyncDisposable {
  readonly gateway: FakeGateway
  readonly edge: TestEdge
  readonly service: TestService
}

export async function connectPair(options: LinkOptions = {}): Promise<Pair> {
  const gateway = await FakeGateway.start()
  const service = await connectService(gateway.address, options)
  const edge = await connectEdge(gateway.address, { ...options, id: 42 })
  return {
    gateway,
    edge,
    service,
    async [Symbol.asyncDispose]() {
      edge.abort()
      service.abort()
      await gateway[Symbol.asyncDispose]()
    },
  }
}

/** A stream that the edge opened, at its two ends. */
export async function openPair(pair: Pair, meta = ''): Promise<[atEdge: Stream, atService: Stream]> {
  let taken: Stream | undefined
  const registration = pair.service.onStream((stream) => {
    taken = stream
  })
  const opened = await pair.edge.openStream('svc', { meta })
  registration[Symbol.dispose]()
  return [opened, taken!]
}

/** All that is read until the end, as text. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of stream) parts.push(chunk)
  return Buffer.concat(parts).toString()
}
