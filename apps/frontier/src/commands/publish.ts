import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'
import { timestampOf } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'
import { payloadOf } from '../cli/payload.js'

/** What the way there and back may take beyond what the edge has. */
const MARGIN_MS = 2000

/** `frontier publish` */
export const publish: Command = {
  path: ['publish'],
  summary: 'publish a message to an edge, and wait until it is done with it',
  positionals: [
    { name: 'EDGE', kind: 'id', summary: 'its id' },
    { name: 'DATA', kind: 'text', isOptional: true, summary: 'what to send; - is stdin; without it nothing' },
  ],
  flags: [
    { name: 'topic', kind: 'text', placeholder: 'NAME', summary: 'what it is about' },
    { name: 'meta', kind: 'text', placeholder: 'TEXT', summary: 'meta to send beside the data' },
    { name: 'at-most-once', kind: 'switch', summary: 'send it, and do not wait for the edge' },
    { name: 'timeout', kind: 'duration', placeholder: 'DURATION', summary: 'how long the edge has to be done with it', preset: '30s' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [
    ['frontier publish 1001 "good morning"', 'ends when the edge has acknowledged it'],
    ['frontier publish 1001 - --topic config < config.json', 'from a file'],
  ],
  async run(input, host) {
    const { admin } = await host.gateway()
    const timeoutMs = input.number('timeout') ?? 30_000
    const atMostOnce = input.isSet('at-most-once')
    const request = {
      edgeId: given(input.id('EDGE')),
      topic: input.text('topic') ?? '',
      content: { case: 'data' as const, value: await payloadOf(input, host) },
      meta: Buffer.from(input.text('meta') ?? ''),
      timeout: timestampOf(timeoutMs),
      atMostOnce,
    }
    await admin.publishEdge(request, { signal: host.stop, timeoutMs: timeoutMs + MARGIN_MS })
    if (input.isSet('json')) await writeJson(host.out, { edge_id: request.edgeId.toString(), [atMostOnce ? 'sent' : 'acknowledged']: true })
    else await host.out.write(`${atMostOnce ? 'sent' : 'acknowledged'}\n`)
  },
}
