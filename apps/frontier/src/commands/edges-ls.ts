import type { Edge } from '@frontier/controlplane/api'

import type { Command } from '../cli/command.js'
import { labelsText, writeListing } from '../cli/listing.js'
import { millisecondsOf, momentText } from '../cli/moment.js'
import { optional } from '../cli/optional.js'

/** `frontier edges ls` */
export const edgesLs: Command = {
  path: ['edges', 'ls'],
  summary: 'list the edges that are online',
  details: ['Edges must fit all conditions. An edge that stays online is listed exactly once, whoever else comes and goes meanwhile.'],
  flags: [
    { name: 'label', kind: 'label', placeholder: 'NAME=VALUE', isRepeatable: true, summary: 'a label that it has' },
    { name: 'meta', kind: 'text', placeholder: 'TEXT', summary: 'how its meta begins' },
    { name: 'addr', kind: 'text', placeholder: 'TEXT', summary: 'how the address it dials from begins' },
    { name: 'method', kind: 'text', placeholder: 'NAME', summary: 'a method that it has registered' },
    { name: 'since', kind: 'time', placeholder: 'TIME', summary: 'came at this moment or later: 10m for ten minutes ago, or 2026-11-22T08:00:00Z' },
    { name: 'until', kind: 'time', placeholder: 'TIME', summary: 'came before this moment' },
    { name: 'order', kind: 'text', placeholder: 'FIELD', summary: 'online_at, edge_id, addr or meta, with - in front descending', preset: '-online_at' },
    { name: 'limit', kind: 'integer', placeholder: 'COUNT', summary: 'at most so many; without it all' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [
    ['frontier edges ls --label site=north --since 1h', 'those of the site north that came within the last hour'],
    [`frontier edges ls --json | jq -r '.edges[].edge_id'`, 'their ids alone'],
  ],
  async run(input, host) {
    const { admin } = await host.gateway()
    const { EdgeSchema } = await import('@frontier/controlplane/api')
    const { jsonOf } = await import('../cli/gateway-api.js')
    const conditions = {
      labels: input.labels('label'),
      ...optional({
        meta: input.text('meta'),
        addr: input.text('addr'),
        method: input.text('method'),
        onlineFrom: input.time('since'),
        onlineUntil: input.time('until'),
        order: input.text('order'),
      }),
    }
    await writeListing<Edge>(host, {
      field: 'edges',
      columns: [
        { title: 'EDGE', align: 'right' },
        { title: 'ADDRESS' },
        { title: 'ONLINE SINCE (UTC)' },
        { title: 'LABELS', isFlexible: true },
        { title: 'META', isFlexible: true },
        { title: 'METHODS', isFlexible: true },
      ],
      limit: input.number('limit'),
      isJson: input.isSet('json'),
      async readPage(cursor, pageSize) {
        const { edges, nextCursor, count } = await admin.listEdges({ ...conditions, cursor, pageSize }, { signal: host.stop })
        return { items: edges, nextCursor, count }
      },
      rowOf: ({ edgeId, addr, onlineAt, labels, metaText, methods }) => [
        edgeId.toString(),
        addr,
        momentText(millisecondsOf(onlineAt)),
        labelsText(labels),
        metaText,
        methods.join(','),
      ],
      jsonOf: (edge) => jsonOf(EdgeSchema, edge),
    })
  },
}
