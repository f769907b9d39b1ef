import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'
import { timestampOf } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'
import { payloadJson, payloadOf, writePayload } from '../cli/payload.js'

/** What the way there and back may take beyond what the edge has. */
const MARGIN_MS = 2000

/** `frontier call` */
export const call: Command = {
  path: ['call'],
  summary: 'call a method of an edge, and print its answer',
  details: [
    'The answer is written to a pipe or a file as it came, byte for byte. In a terminal, what is no text or would speak to the terminal is shown as \\x1b.',
    'With --json: the answer as base64 in "data", and in "text" when it is UTF-8; its meta likewise.',
  ],
  positionals: [
    { name: 'EDGE', kind: 'id', summary: 'its id' },
    { name: 'METHOD', kind: 'text', summary: 'a method that it has registered' },
    { name: 'DATA', kind: 'text', isOptional: true, summary: 'what to send; - is stdin; without it nothing' },
  ],
  flags: [
    { name: 'meta', kind: 'text', placeholder: 'TEXT', summary: 'meta to send beside the data' },
    { name: 'timeout', kind: 'duration', placeholder: 'DURATION', summary: 'how long the edge has for its answer', preset: '30s' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [
    [`frontier call 1001 reboot '{"after":5}'`, 'text as it stands'],
    ['frontier call 1001 snapshot > image.jpg', 'the answer byte for byte'],
    ['tar c . | frontier call 1001 install -', 'what to send from stdin'],
  ],
  async run(input, host) {
    const { admin } = await host.gateway()
    const timeoutMs = input.number('timeout') ?? 30_000
    const request = {
      edgeId: given(input.id('EDGE')),
      method: given(input.text('METHOD')),
      content: { case: 'data' as const, value: await payloadOf(input, host) },
      meta: Buffer.from(input.text('meta') ?? ''),
      timeout: timestampOf(timeoutMs),
    }
    const { data, meta } = await admin.callEdge(request, { signal: host.stop, timeoutMs: timeoutMs + MARGIN_MS })
    if (!input.isSet('json')) return writePayload(host.out, data)
    await writeJson(host.out, { ...payloadJson(data), meta: payloadJson(meta) })
  },
}
