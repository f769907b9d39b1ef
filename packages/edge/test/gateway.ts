// A real gateway in memory, and the least of a service: the thing itself has its tests in its own package.
import { createFrontier, type Frontier } from '@frontier/gateway'
import { LinkEnd, resolveLinkOptions, type Bytes, type LinkOptions, type Reply } from '@frontier/geminio'

let names = 0

export async function startGateway(): Promise<Frontier> {
  const name = `edge-test-${String(++names)}`
  return createFrontier({
    edgebound: { listen: { network: 'memory', addr: `${name}-edge` } },
    servicebound: { listen: { network: 'memory', addr: `${name}-service` } },
  })
}

class PlainService extends LinkEnd {
  ask(edgeId: bigint, method: string, data?: Bytes): Promise<Reply> {
    return this.callPeer(edgeId, method, data, undefined)
  }

  tell(edgeId: bigint, topic: string, data: Bytes): Promise<void> {
    return this.publishTo(edgeId, topic, data, undefined)
  }
}

export async function connectPlainService(frontier: Frontier, options: LinkOptions & { name?: string; topics?: string[] } = {}): Promise<PlainService> {
  const service = new PlainService(resolveLinkOptions(frontier.addresses.servicebound, options, 65_536), {
    role: 'service',
    name: options.name ?? '',
    meta: new Uint8Array(0),
    topics: options.topics ?? [],
    snapshot: false,
  })
  await service.connect()
  return service
}
