import type { BenchContext } from '../bench-case.js'
import type { Middle } from '../process/gateway.js'
import { startWorker, type Worker } from '../process/worker.js'
import type { EndTarget, RequestSetup } from '../request-load.js'

/** Who drives a party: frames as cheap as Node allows, the SDKs, or the client of a peer. */
export type Driver = 'raw' | 'sdk' | 'nats' | 'socket-io' | 'ws'

/** One way of sending requests: a requester, a responder, and what stands between them. */
export interface Party {
  /** What stands between: `relay`, `gateway`, or the name of a peer. */
  readonly through: string
  readonly by: Driver
  readonly middle: Middle
  /** The authority of its certificate, in PEM: the ends speak TLS. */
  readonly ca: string | undefined
  readonly requester: Worker<`${Driver}-requester`>
  readonly responder: Worker<`${Driver}-responder`>
}

/** What a party is called, and what it needs beside its middle. */
export interface PartyOptions {
  readonly through: string
  readonly by: Driver
  readonly ca?: string | undefined
}

/** Starts the ends of a party beside the middle that is starting. */
export async function startParty(context: BenchContext, { through, by, ca }: PartyOptions, starting: Promise<Middle>): Promise<Party> {
  const [middle, responder, requester] = await Promise.all([starting, startWorker(`${by}-responder`), startWorker(`${by}-requester`)])
  for (const { child } of [middle, responder, requester]) context.own(child)
  return { through, by, ca, middle, requester, responder }
}

/** Connects both ends, the one that answers first. */
export async function connectParty({ through, ca, middle, requester, responder }: Party, setup: RequestSetup): Promise<void> {
  const { kind, direction, edges, names } = setup
  const common = { kind, names, bare: through !== 'gateway', ca }
  const service: EndTarget = { ...common, role: 'service', port: middle.servicePort, links: 1 }
  const edge: EndTarget = { ...common, role: 'edge', port: middle.edgePort, links: edges }
  if (direction === 'edge-to-service') {
    await responder.ask('connect', service)
    await requester.ask('connect', { ...edge, toEdges: [] })
    return
  }
  const granted = await responder.ask('connect', edge)
  const toEdges = middle.edgeIds === undefined ? granted : await middle.edgeIds(edges)
  await requester.ask('connect', { ...service, toEdges })
}

/** Disconnects both ends: the edges go first. */
export async function disconnectParty({ requester, responder }: Party, { direction }: RequestSetup): Promise<void> {
  const [first, second] = direction === 'edge-to-service' ? [requester, responder] : [responder, requester]
  await first.ask('disconnect')
  await second.ask('disconnect')
}
