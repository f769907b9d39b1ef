import { parseArgs } from 'node:util'

import { fullPlan, quickPlan, tinyPlan, type Plan } from './plan.js'
import { caseNames, type CaseName } from './case-names.js'

/** What the command line asks for. */
export interface BenchOptions {
  readonly plan: Plan
  readonly cases: readonly CaseName[]
  /** One JSON object on stdout instead of the table. */
  readonly json: boolean
  /** Whether results/ is written: not for the tiny form, which measures nothing. */
  readonly keep: boolean
  /** Another relay with the command line `node FILE gw SERVICE_PORT EDGE_PORT`, measured beside ours. */
  readonly reference: string | undefined
  /** Where CPU profiles of the gateways and relays go. */
  readonly profile: string | undefined
  readonly help: boolean
}

/** What `--help` prints. */
export const usage: string = `Usage: npm run bench -- [flags]

  --only LIST       some of: ${caseNames.join(', ')}
  --quick           about a minute instead of twenty
  --json            one JSON object instead of the table
  --discard         leave bench/results as it is
  --profile DIR     write a CPU profile of every relay and gateway process
  --reference FILE  measure another bare relay, too: node FILE gw SERVICE_PORT EDGE_PORT
  --tiny            seconds, to see that it still runs; the figures mean nothing
`

/** Reads the command line. Throws an Error that says what is wrong with it. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      tiny: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      discard: { type: 'boolean', default: false },
      profile: { type: 'string' },
      reference: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  return {
    plan: values.tiny ? tinyPlan : values.quick ? quickPlan : fullPlan,
    cases: values.only === undefined ? caseNames : values.only.split(',').map(caseName),
    json: values.json,
    keep: !values.tiny && !values.discard,
    reference: values.reference,
    profile: values.profile,
    help: values.help,
  }
}

function caseName(text: string): CaseName {
  const found = caseNames.find((name) => name === text.trim())
  if (found === undefined) throw new Error(`--only: there is no case "${text}"; there are ${caseNames.join(', ')}`)
  return found
}
