import type { BenchContext } from '../bench-case.js'
import { cpuPerRequest, measureRequests, paramsOf, type Load, type Measurement } from '../parties/measure-requests.js'
import { startParties } from '../parties/start-parties.js'
import type { RequestSetup } from '../request-load.js'
import { resultOf, type Result } from '../result.js'

const SIZE = 64

/**
 * What a call costs the gateway, in microseconds of CPU, as the numbers of edges and of registered methods grow: the same number of calls in flight
 * whatever the number of edges, which go round; one call on each edge; and one edge whose calls take the methods in turn.
 */
export async function scaling(context: BenchContext): Promise<Result[]> {
  const { scalingPlan: plan, scalingInFlight: inFlight, scalingEdges, scalingMethods } = context.options.plan
  const parties = await startParties(context, ['raw'])
  const results: Result[] = []
  for (const direction of ['edge-to-service', 'service-to-edge'] as const) {
    for (const edges of scalingEdges) {
      const setup: RequestSetup = { kind: 'call', direction, edges, names: 1 }
      const loads: Load[] = [inFlight, edges].map((each) => ({ size: SIZE, inFlight: each }))
      const measurements = await measureRequests(context, parties, setup, { loads, plan })
      results.push(...measurements.map((measurement) => costOf('cost-by-edges', setup, measurement)))
    }
    for (const names of scalingMethods) {
      const setup: RequestSetup = { kind: 'call', direction, edges: 1, names }
      const measurements = await measureRequests(context, parties, setup, { loads: [{ size: SIZE, inFlight }], plan })
      results.push(...measurements.map((measurement) => costOf('cost-by-methods', setup, measurement)))
    }
  }
  return results
}

function costOf(name: string, setup: RequestSetup, { party, load, rounds, ceiling }: Measurement): Result {
  const params = { ...paramsOf(party, setup, load), ...(name === 'cost-by-methods' && { methods: setup.names }) }
  return resultOf({ name, params, unit: 'us/call' }, cpuPerRequest(rounds), ceiling && cpuPerRequest(ceiling))
}
