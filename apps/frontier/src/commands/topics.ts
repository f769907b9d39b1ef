import type { Command } from '../cli/command.js'
import { everyName } from '../cli/every-name.js'
import { optional } from '../cli/optional.js'
import { writeJson } from '../cli/output.js'
import { Table } from '../cli/table.js'

/** `frontier topics` */
export const topics: Command = {
  path: ['topics'],
  summary: 'list the topics that services receive',
  flags: [{ name: 'service', kind: 'text', placeholder: 'TEXT', summary: 'only those of services whose name begins so' }],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier topics', 'what edges can publish to services; frontier bridges tells of the brokers']],
  async run(input, host) {
    const { family } = await host.gateway()
    const service = input.text('service')
    const names = await everyName(async (page) => (await family.listServiceTopics({ ...page, ...optional({ service }) }, { signal: host.stop })).topics)
    if (input.isSet('json')) return writeJson(host.out, { topics: names })
    await new Table(host.out, [{ title: 'TOPIC', isFlexible: true }]).write(names.map((name) => [name]))
  },
}
