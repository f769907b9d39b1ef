import type { FrontierConfigInput } from '@frontier/config'
import { createFrontier, type Frontier, type FrontierOptions } from '@frontier/gateway'

/** A gateway on free TCP ports of this machine. Disposing of it closes it without waiting for peers that do not answer. */
export interface LoopbackGateway extends AsyncDisposable {
  readonly frontier: Frontier
  readonly edgeAddress: string
  readonly serviceAddress: string
}

/** `config` without its addresses. */
export async function loopbackGateway(config: FrontierConfigInput = {}, options: FrontierOptions = {}): Promise<LoopbackGateway> {
  const listen = { network: 'tcp', addr: '127.0.0.1:0' } as const
  const frontier = await createFrontier(
    { ...config, edgebound: { ...config.edgebound, listen }, servicebound: { ...config.servicebound, listen } },
    options,
  )
  return {
    frontier,
    edgeAddress: frontier.addresses.edgebound,
    serviceAddress: frontier.addresses.servicebound,
    [Symbol.asyncDispose]: () => frontier.close(),
  }
}

/** Host and port of a `tcp://` address. */
export function hostPort(address: string): { host: string; port: number } {
  const { hostname, port } = new URL(address)
  return { host: hostname, port: Number(port) }
}
