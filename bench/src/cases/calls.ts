import type { BenchContext } from '../bench-case.js'
import { measureRequests, requestResults } from '../parties/measure-requests.js'
import { startParties, startReference } from '../parties/start-parties.js'
import type { RequestSetup } from '../request-load.js'
import type { Result } from '../result.js'

/** Calls in both directions, by raw frames and with the SDKs: few and many in flight, small and large, on one edge and on many. */
export async function calls(context: BenchContext): Promise<Result[]> {
  const { callPlan: plan, callLoads, manyEdges } = context.options.plan
  const parties = await startParties(context, ['raw', 'sdk'])
  const references = await startReference(context)
  const results: Result[] = []
  for (const direction of ['edge-to-service', 'service-to-edge'] as const) {
    const all = direction === 'edge-to-service' ? [...parties, ...references] : parties
    for (const [edges, loads] of [[1, callLoads], [manyEdges, [{ size: 64, inFlight: manyEdges }]]] as const) {
      const setup: RequestSetup = { kind: 'call', direction, edges, names: 1 }
      const measurements = await measureRequests(context, all, setup, { loads, plan })
      results.push(...measurements.flatMap((measurement) => requestResults('calls', setup, measurement)))
    }
  }
  return results
}
