import { setTimeout as sleep } from 'node:timers/promises'

import type { Command } from '../cli/command.js'
import { timestampOf } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'

const LOOK_EVERY_MS = 200

/** `frontier drain` */
export const drain: Command = {
  path: ['drain'],
  summary: 'have the gateway take nothing new, finish what is in flight, and end',
  flags: [
    { name: 'timeout', kind: 'duration', placeholder: 'DURATION', summary: 'what is in flight has so long; without it as daemon.drain_seconds says' },
    { name: 'wait', kind: 'switch', summary: 'do not end before the gateway has' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier drain --timeout 1m --wait', 'ends when the gateway is gone, a minute later at most']],
  async run(input, host) {
    const { admin, timeoutMs } = await host.gateway()
    const givenMs = input.number('timeout')
    const options = { signal: host.stop, timeoutMs: givenMs === undefined ? timeoutMs : 10_000 }
    await admin.drain(givenMs === undefined ? {} : { timeout: timestampOf(givenMs) }, options)
    if (input.isSet('wait')) await gone(() => admin.getStats({}, options), host.stop)
    if (input.isSet('json')) await writeJson(host.out, { draining: true })
    else await host.out.write(input.isSet('wait') ? 'drained\n' : 'draining\n')
  },
}

/** Resolves when nobody answers any more. */
async function gone(look: () => Promise<unknown>, stop: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await look()
    } catch {
      stop.throwIfAborted()
      return
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: stop })
  }
}
