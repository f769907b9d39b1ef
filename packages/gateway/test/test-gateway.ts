import type { FrontierConfigInput } from '@frontier/config'
import { createFrontier, type Frontier, type FrontierOptions } from '@frontier/gateway'
import { RawPeer, type HelloInput } from './raw-peer.js'

let lastName = 0

/** A gateway on ports of its own, with peers that speak the wire protocol by hand. */
export interface TestGateway extends AsyncDisposable {
  readonly frontier: Frontier
  edge(hello?: HelloInput): Promise<RawPeer>
  service(hello?: HelloInput): Promise<RawPeer>
  /** An edge that has said HELLO and waits for what comes. */
  knockingEdge(hello?: HelloInput): Promise<RawPeer>
  knockingService(hello?: HelloInput): Promise<RawPeer>
}

type Input = FrontierConfigInput & { network?: 'tcp' | 'memory' }

/** `config` without its addresses; by default in memory, since most tests are not about sockets. */
export async function testGateway(config: Input = {}, options: FrontierOptions = {}): Promise<TestGateway> {
  const { network = 'memory', ...rest } = config
  const name = `gateway-test-${String(++lastName)}`
  const addr = (side: string): string => (network === 'memory' ? `${name}-${side}` : '127.0.0.1:0')
  const frontier = await createFrontier(
    {
      ...rest,
      edgebound: { ...rest.edgebound, listen: { network, addr: addr('edge') } },
      servicebound: { ...rest.servicebound, listen: { network, addr: addr('service') } },
    },
    options,
  )
  const { edgebound, servicebound } = frontier.addresses
  const peers: RawPeer[] = []
  const knock = async (address: string, hello: HelloInput): Promise<RawPeer> => {
    const peer = await RawPeer.dial(address)
    peers.push(peer)
    peer.hello(hello)
    return peer
  }
  const connect = async (address: string, hello: HelloInput): Promise<RawPeer> => {
    const peer = await knock(address, hello)
    await peer.welcomed()
    return peer
  }
  return {
    frontier,
    edge: (hello = {}) => connect(edgebound, hello),
    service: (hello = {}) => connect(servicebound, { role: 'service', ...hello }),
    knockingEdge: (hello = {}) => knock(edgebound, hello),
    knockingService: (hello = {}) => knock(servicebound, { role: 'service', ...hello }),
    async [Symbol.asyncDispose]() {
      // The gateway would wait for answers that nobody gives any more.
      for (const peer of peers) peer.pipe.destroy()
      await frontier.close()
    },
  }
}
