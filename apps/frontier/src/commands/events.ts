import type { Event } from '@frontier/controlplane/api'
import { FrontierError } from '@frontier/wire'

import type { Command } from '../cli/command.js'
import { eventLine, eventTypes } from '../cli/event-line.js'
import { optional } from '../cli/optional.js'
import { writeJson } from '../cli/output.js'

/** `frontier events` */
export const events: Command = {
  path: ['events'],
  summary: 'watch who comes, goes, is refused, is kicked and registers what',
  details: ['What happens from now on, a line for each event, until Ctrl-C. With --json each line is one document. A gap in "seq" shows events that were not asked for.'],
  flags: [
    { name: 'type', kind: 'choice', choices: eventTypes, placeholder: 'TYPE', isRepeatable: true, summary: `only these: ${eventTypes.join(', ')}` },
    { name: 'role', kind: 'choice', choices: ['edge', 'service'], placeholder: 'ROLE', summary: 'only of this side: edge or service' },
    { name: 'id', kind: 'id', placeholder: 'ID', summary: 'only of this edge or service' },
    { name: 'count', kind: 'integer', placeholder: 'COUNT', summary: 'end after so many' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [
    ['frontier events --type refusal', 'who is not let in, and why'],
    ['frontier events --json --id 1001 | tee log', 'all of one edge, for a program'],
  ],
  async run(input, host) {
    const { admin } = await host.gateway()
    const { EventSchema, EventType, Role } = await import('@frontier/controlplane/api')
    const { jsonOf } = await import('../cli/gateway-api.js')
    const role = input.text('role')
    const request = {
      types: input.texts('type').map((type) => EventType[type.toUpperCase() as keyof typeof EventType]),
      role: role === undefined ? Role.UNSPECIFIED : role === 'edge' ? Role.EDGE : Role.SERVICE,
      ...optional({ id: input.id('id') }),
    }
    const isJson = input.isSet('json')
    const show = (event: Event): Promise<void> =>
      isJson ? writeJson(host.out, jsonOf(EventSchema, event)) : host.out.write(`${eventLine(event, host.out)}\n`)
    let left = input.number('count') ?? Number.POSITIVE_INFINITY
    if (left === 0) return
    try {
      for await (const event of admin.watchEvents(request, { signal: host.stop, timeoutMs: 0 })) {
        await show(event)
        if (--left === 0) return
      }
    } catch (error) {
      if (host.stop.aborted) return
      throw error
    }
    throw new FrontierError('EOF', 'the gateway has ended the watch')
  },
}
