import type { BenchContext } from '../bench-case.js'
import { startGateway } from '../process/gateway.js'
import { startReferenceRelay, startRelay } from '../process/relays.js'
import { startParty, type Party } from './party.js'

/** Our relay, then a gateway for each driver, processes of their own. */
export function startParties(context: BenchContext, drivers: readonly Party['by'][]): Promise<Party[]> {
  const { profile } = context.options
  return Promise.all([
    startParty(context, { through: 'relay', by: 'raw' }, startRelay('relay', profile)),
    ...drivers.map((by) => startParty(context, { through: 'gateway', by }, startGateway(`gateway-${by}`, profile))),
  ])
}

/** Somebody else's relay, when one is named; it takes calls of edges only. */
export async function startReference(context: BenchContext): Promise<Party[]> {
  const { profile, reference } = context.options
  if (reference === undefined) return []
  return [await startParty(context, { through: 'reference', by: 'raw' }, startReferenceRelay(reference, profile))]
}
