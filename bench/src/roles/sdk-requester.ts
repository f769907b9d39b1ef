import type { Edge } from '@frontier/edge'
import type { Service } from '@frontier/service'

import { askRound } from '../ask-round.js'
import { requestNames } from '../request-load.js'
import { connectEdges, connectOneService } from '../sdk/connect.js'
import type { RequesterRole } from './role.js'

/** Edges of `@frontier/edge` or a service of `@frontier/service` that ask. */
export function sdkRequester(): RequesterRole {
  let edges: Edge[] = []
  let service: Service | undefined
  let toEdges: bigint[] = []
  let isCall = true
  let names: string[] = []
  let asked = 0
  const askBy = (payload: Uint8Array): ((edge: number) => Promise<unknown>) => {
    const name = names.length === 1 ? () => names[0]! : () => names[asked++ % names.length]!
    if (service !== undefined) {
      const from = service
      if (isCall) return (edge) => from.call(toEdges[edge]!, name(), payload)
      return (edge) => from.publish(toEdges[edge]!, payload)
    }
    if (isCall) return (edge) => edges[edge]!.call(name(), payload)
    return (edge) => edges[edge]!.publish(name(), payload)
  }
  return {
    info: null,
    commands: {
      async connect(target) {
        isCall = target.kind === 'call'
        names = requestNames(target.names)
        toEdges = target.toEdges.map(BigInt)
        if (target.role === 'service') service = await connectOneService(target)
        else edges = await connectEdges(target)
      },
      run(load) {
        return askRound(load, Math.max(edges.length, toEdges.length), askBy(new Uint8Array(load.size).fill(0x61)))
      },
      async disconnect() {
        await Promise.all(edges.map((edge) => edge.close()))
        await service?.close()
        edges = []
        service = undefined
      },
    },
  }
}
