import type { FrontierConfigInput } from '@frontier/config'
import { connectEdge, type Edge, type EdgeOptions } from '@frontier/edge'
import type { Frontier, FrontierOptions } from '@frontier/gateway'
import { connectService, type Service, type ServiceOptions } from '@frontier/service'
import { loopbackGateway } from './loopback-gateway.js'

/** A gateway on two free ports of the loopback, and whoever was connected to it by way of it. Disposing closes the ends first. */
export interface TestGateway extends AsyncDisposable {
  readonly frontier: Frontier
  /** Addresses that edges and services dial. */
  readonly edges: string
  readonly services: string
  edge(options?: EdgeOptions, address?: string): Promise<Edge>
  service(options?: ServiceOptions, address?: string): Promise<Service>
}

/** Starts a gateway; its addresses are free ports. */
export async function startGateway(config: FrontierConfigInput = {}, options: FrontierOptions = {}): Promise<TestGateway> {
  const { frontier, edgeAddress, serviceAddress } = await loopbackGateway(config, options)
  const ends: (Edge | Service)[] = []
  return {
    frontier,
    edges: edgeAddress,
    services: serviceAddress,
    async edge(edgeOptions = {}, address = edgeAddress) {
      const edge = await connectEdge(address, edgeOptions)
      ends.push(edge)
      return edge
    },
    async service(serviceOptions = {}, address = serviceAddress) {
      const service = await connectService(address, serviceOptions)
      ends.push(service)
      return service
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(ends.map((end) => end.close()))
      await frontier.close()
    },
  }
}
