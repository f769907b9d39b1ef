import { setTimeout as sleep } from 'node:timers/promises'

import type { CliHost } from '../cli/cli-host.js'
import type { Command } from '../cli/command.js'
import type { GatewayApi } from '../cli/gateway-api.js'
import { LiveScreen } from '../cli/live-screen.js'
import { writeJson } from '../cli/output.js'
import { rowTitles, sampleJson, sampleRow, screenLines } from '../cli/top-view.js'
import { TopHistory, type Sample } from '../cli/top-history.js'

/** `frontier top` */
export const top: Command = {
  path: ['top'],
  summary: 'watch links, calls, messages, latency, bytes and refusals as they change',
  details: [
    'In a terminal: a table that is drawn anew, until q or Ctrl-C. In a pipe: a line for each interval. With --json: a document a line.',
    'Latency is how long calls and messages took from the gateway to their receivers and back, of samples of the last five to ten seconds. Loop delay is how late the event loop of the gateway comes to its work, at the 99th percentile: what it adds to every call. Round trip is one question to the control plane and its answer.',
    'Refusals are requests answered by the gateway instead of the receiver (nobody there, no room), streams refused and links not let in.',
  ],
  flags: [
    { name: 'interval', kind: 'duration', placeholder: 'DURATION', summary: 'how long between two looks, 100ms at least', preset: '2s' },
    { name: 'count', kind: 'integer', placeholder: 'COUNT', summary: 'end after so many' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [
    ['frontier top', 'a live table'],
    ['frontier top --json --interval 10s >> load.jsonl', 'a record of the load'],
  ],
  async run(input, host) {
    const gateway = await host.gateway()
    const intervalMs = Math.max(100, input.number('interval') ?? 2000)
    const count = input.number('count') ?? Number.POSITIVE_INFINITY
    const show = input.isSet('json') ? showJson : host.out.isTerminal ? showScreen : showRows
    await show(host, gateway.url, samples(gateway, host.stop, intervalMs, count))
  },
}

/** A sample each interval, the first after one; ends when `stop` aborts. A question that fails ends it with its error. */
async function* samples({ admin }: GatewayApi, stop: AbortSignal, intervalMs: number, count: number): AsyncGenerator<Sample> {
  const history = new TopHistory()
  try {
    // The first look is only what the second is compared to, and opens the connection.
    for (let seen = -1; seen < count; seen++) {
      if (seen >= 0) await sleep(intervalMs, undefined, { signal: stop })
      const begin = performance.now()
      const stats = await admin.getStats({}, { signal: stop })
      const sample = history.add(stats, performance.now() - begin)
      if (sample !== undefined) yield sample
    }
  } catch (error) {
    if (!stop.aborted) throw error
  }
}

async function showJson(host: CliHost, _url: string, all: AsyncIterable<Sample>): Promise<void> {
  for await (const sample of all) await writeJson(host.out, sampleJson(sample))
}

async function showRows(host: CliHost, _url: string, all: AsyncIterable<Sample>): Promise<void> {
  let rows = 0
  for await (const sample of all) {
    await host.out.write(`${rows++ % 20 === 0 ? `${rowTitles}\n` : ''}${sampleRow(sample)}\n`)
  }
}

async function showScreen(host: CliHost, url: string, all: AsyncIterable<Sample>): Promise<void> {
  const quit = new AbortController()
  using _keys = host.onKey((key) => {
    if (key === 'q') quit.abort()
  })
  using screen = new LiveScreen(host.out)
  await screen.draw([[{ text: `frontier top  ${url}` }], [], [{ text: 'waiting for the first figures; q ends it' }]])
  const quitting = new Promise<{ done: true; value: undefined }>((resolve) => {
    quit.signal.addEventListener('abort', () => resolve({ done: true, value: undefined }), { once: true })
  })
  const iterator = all[Symbol.asyncIterator]()
  const shown: Sample[] = []
  for (;;) {
    const next = await Promise.race([iterator.next(), quitting])
    if (next.done === true) return
    shown.push(next.value)
    if (shown.length > 1000) shown.shift()
    await screen.draw(screenLines(shown, url))
  }
}
