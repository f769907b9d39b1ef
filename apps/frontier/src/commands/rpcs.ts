import { FrontierError } from '@frontier/wire'

import type { Command } from '../cli/command.js'
import { everyName } from '../cli/every-name.js'
import { optional } from '../cli/optional.js'
import { writeJson } from '../cli/output.js'
import { Table } from '../cli/table.js'

/** `frontier rpcs` */
export const rpcs: Command = {
  path: ['rpcs'],
  summary: 'list the methods that edges and services have registered',
  flags: [
    { name: 'edge', kind: 'id', placeholder: 'EDGE', summary: 'only those of this edge' },
    { name: 'service', kind: 'text', placeholder: 'TEXT', summary: 'only those of services whose name begins so' },
    { name: 'of', kind: 'choice', choices: ['edges', 'services'], placeholder: 'SIDE', summary: 'only those of this side: edges or services' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier rpcs --edge 1001', 'what can be called there']],
  async run(input, host) {
    const { family } = await host.gateway()
    const edgeId = input.id('edge')
    const service = input.text('service')
    const of = input.text('of')
    for (const [flag, value, side] of [
      ['edge', edgeId, 'edges'],
      ['service', service, 'services'],
    ] as const) {
      if (of !== undefined && value !== undefined && of !== side) throw new FrontierError('INVALID_ARGUMENT', `--${flag} does not go with --of ${of}`)
    }
    // Naming one side's peer is asking for that side.
    const isAsked = (side: string, mine: unknown, other: unknown): boolean => (of === undefined ? mine !== undefined || other === undefined : of === side)
    const options = { signal: host.stop }
    const edges = isAsked('edges', edgeId, service)
      ? await everyName(async (page) => (await family.listEdgeRPCs({ ...page, ...optional({ edgeId }) }, options)).rpcs)
      : []
    const services = isAsked('services', service, edgeId)
      ? await everyName(async (page) => (await family.listServiceRPCs({ ...page, ...optional({ service }) }, options)).rpcs)
      : []
    if (input.isSet('json')) return writeJson(host.out, { edges, services })
    const table = new Table(host.out, [{ title: 'METHOD', isFlexible: true }, { title: 'OF' }])
    await table.write([...edges.map((name) => [name, 'edges']), ...services.map((name) => [name, 'services'])])
  },
}
