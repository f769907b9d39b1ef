import type { FrontierConfigInput } from '@frontier/config'
import type { Edge, EdgeOptions } from '@frontier/edge'
import type { FrontierOptions } from '@frontier/gateway'
import type { Service, ServiceOptions } from '@frontier/service'
import { startGateway, type TestGateway } from './test-gateway.js'

/** A gateway, a service and an edge on it. Disposing closes all three. */
export interface Trio extends AsyncDisposable {
  readonly gateway: TestGateway
  readonly service: Service
  readonly edge: Edge
}

/** What each of the three is started with. */
export interface TrioOptions {
  config?: FrontierConfigInput
  gateway?: FrontierOptions
  service?: ServiceOptions
  edge?: EdgeOptions
}

/** Starts the gateway, then connects the service, then the edge. */
export async function trio(options: TrioOptions = {}): Promise<Trio> {
  const gateway = await startGateway(options.config, options.gateway)
  try {
    const service = await gateway.service(options.service)
    const edge = await gateway.edge(options.edge)
    return { gateway, service, edge, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() }
  } catch (error) {
    await gateway[Symbol.asyncDispose]()
    throw error
  }
}
