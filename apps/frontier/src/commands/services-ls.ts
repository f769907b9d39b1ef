import type { Service } from '@frontier/controlplane/api'

import type { Command } from '../cli/command.js'
import { labelsText, writeListing } from '../cli/listing.js'
import { millisecondsOf, momentText } from '../cli/moment.js'
import { optional } from '../cli/optional.js'

/** `frontier services ls` */
export const servicesLs: Command = {
  path: ['services', 'ls'],
  summary: 'list the services that are online',
  details: ['Services must fit all conditions. Each running instance is one of its own.'],
  flags: [
    { name: 'label', kind: 'label', placeholder: 'NAME=VALUE', isRepeatable: true, summary: 'a label that it has' },
    { name: 'name', kind: 'text', placeholder: 'TEXT', summary: 'how its name begins' },
    { name: 'addr', kind: 'text', placeholder: 'TEXT', summary: 'how the address it dials from begins' },
    { name: 'method', kind: 'text', placeholder: 'NAME', summary: 'a method that it has registered' },
    { name: 'topic', kind: 'text', placeholder: 'NAME', summary: 'a topic that it receives' },
    { name: 'since', kind: 'time', placeholder: 'TIME', summary: 'came at this moment or later: 10m for ten minutes ago, or 2026-11-22T08:00:00Z' },
    { name: 'until', kind: 'time', placeholder: 'TIME', summary: 'came before this moment' },
    { name: 'order', kind: 'text', placeholder: 'FIELD', summary: 'online_at, service_id, name or addr, with - in front descending', preset: '-online_at' },
    { name: 'limit', kind: 'integer', placeholder: 'COUNT', summary: 'at most so many; without it all' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier services ls --topic orders', 'who receives that topic']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const { ServiceSchema } = await import('@frontier/controlplane/api')
    const { jsonOf } = await import('../cli/gateway-api.js')
    const conditions = {
      labels: input.labels('label'),
      ...optional({
        name: input.text('name'),
        addr: input.text('addr'),
        method: input.text('method'),
        topic: input.text('topic'),
        onlineFrom: input.time('since'),
        onlineUntil: input.time('until'),
        order: input.text('order'),
      }),
    }
    await writeListing<Service>(host, {
      field: 'services',
      columns: [
        { title: 'SERVICE', align: 'right' },
        { title: 'NAME' },
        { title: 'ADDRESS' },
        { title: 'ONLINE SINCE (UTC)' },
        { title: 'LABELS', isFlexible: true },
        { title: 'METHODS', isFlexible: true },
        { title: 'TOPICS', isFlexible: true },
      ],
      limit: input.number('limit'),
      isJson: input.isSet('json'),
      async readPage(cursor, pageSize) {
        const { services, nextCursor, count } = await admin.listServices({ ...conditions, cursor, pageSize }, { signal: host.stop })
        return { items: services, nextCursor, count }
      },
      rowOf: ({ serviceId, name, addr, onlineAt, labels, methods, topics }) => [
        serviceId.toString(),
        name,
        addr,
        momentText(millisecondsOf(onlineAt)),
        labelsText(labels),
        methods.join(','),
        topics.join(','),
      ],
      jsonOf: (service) => jsonOf(ServiceSchema, service),
    })
  },
}
