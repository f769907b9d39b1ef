import type { FrontierConfigInput } from '@frontier/config';
import { connectEdge, type Edge, type EdgeOptions } from '@frontier/edge';
import { createFrontier, type Frontier, type FrontierOptions } from '@frontier/gateway';
import { connectService, type Service, type ServiceOptions } from '@frontier/service';

/** A gateway on two free ports of the loopback, and whoever was connected to it by way of it. Disposing closes the ends first. */
export interface TestGateway extends AsyncDisposable {
  readonly frontier: Frontier;
  /** Addresses that edges and services dial. */
  readonly edges: string;
  readonly services: string;
  edge(options?: EdgeOptions, address?: string): Promise<Edge>;
  service(options?: ServiceOptions, address?: string): Promise<Service>;
}

const ANY_PORT = { network: 'tcp', addr: '127.0.0.1:0' } as const;

/** Starts a gateway; its listening addresses cannot be chosen. */
export async function startGateway(config: FrontierConfigInput = {}, options: FrontierOptions = {}): Promise<TestGateway> {
  const frontier = await createFrontier(
    {
      ...config,
      edgebound: { ...config.edgebound, listen: ANY_PORT },
      servicebound: { ...config.servicebound, listen: ANY_PORT },
    },
    options,
  );
  const { edgebound, servicebound } = frontier.addresses;
  const ends: (Edge | Service)[] = [];
  return {
    frontier,
    edges: edgebound,
    services: servicebound,
    async edge(edgeOptions = {}, address = edgebound) {
      const edge = await connectEdge(address, edgeOptions);
      ends.push(edge);
      return edge;
    },
    async service(serviceOptions = {}, address = servicebound) {
      const service = await connectService(address, serviceOptions);
      ends.push(service);
      return service;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(ends.map((end) => end.close()));
      await frontier.close();
    },
  };
}
