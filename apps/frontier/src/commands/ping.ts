import { setTimeout as sleep } from 'node:timers/promises'

import { toFrontierError, type FrontierError } from '@frontier/wire'

import type { CliHost } from '../cli/cli-host.js'
import type { Command } from '../cli/command.js'
import { failureOf } from '../cli/failure.js'
import { writeJson } from '../cli/output.js'
import { latencyText } from '../cli/quantity.js'
import { thrownByCall } from '../cli/thrown-by-call.js'

/** `frontier ping` */
export const ping: Command = {
  path: ['ping'],
  summary: 'measure how long the gateway takes to answer',
  details: ['Asks the control plane for its counts, so that address, certificate and token are tried too. The first answer has the time to connect in it.', 'The exit code is 0 when there was an answer at all.'],
  flags: [
    { name: 'count', kind: 'integer', placeholder: 'COUNT', summary: 'how often; 0 is until Ctrl-C', preset: '4' },
    { name: 'interval', kind: 'duration', placeholder: 'DURATION', summary: 'how long between two', preset: '1s' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier ping --count 1 --timeout 2s', 'whether a gateway is there, for a script']],
  async run(input, host) {
    const gateway = await host.gateway()
    const count = input.number('count') ?? 4
    const intervalMs = input.number('interval') ?? 1000
    const isJson = input.isSet('json')
    const times: number[] = []
    let failure: FrontierError | undefined
    const isStopped = (): boolean => host.stop.aborted
    let sent = 0
    while (!isStopped() && (count === 0 || sent < count)) {
      if (sent > 0) await sleep(intervalMs, undefined, { signal: host.stop }).catch(() => undefined)
      if (isStopped()) break
      sent++
      const begin = performance.now()
      try {
        const { frontierId } = await gateway.admin.getStats({}, { signal: host.stop })
        const timeMs = performance.now() - begin
        times.push(timeMs)
        if (isJson) await writeJson(host.out, { seq: sent, ok: true, time_us: Math.round(timeMs * 1000), frontier_id: frontierId })
        else await host.out.write(`${gateway.url}${frontierId === '' ? '' : ` (${frontierId})`} seq=${sent} time=${latencyText(timeMs)}\n`)
      } catch (error) {
        if (isStopped()) break
        failure = toFrontierError(await thrownByCall(error, gateway.url), 'PROTOCOL_ERROR')
        const { line } = failureOf(failure)
        // Alone, the failure is told when the program ends.
        if (isJson) await writeJson(host.out, { seq: sent, ok: false, error: line })
        else if (count !== 1) await host.out.write(`seq=${sent} ${line}\n`)
      }
    }
    if (!isJson && times.length > 0) await writeSummary(host, sent, times)
    if (times.length === 0 && failure !== undefined) throw failure
  },
}

function writeSummary(host: CliHost, sent: number, times: readonly number[]): Promise<void> {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length
  const [least, most] = [Math.min(...times), Math.max(...times)]
  return host.out.write(`${times.length} of ${sent} answered, min ${latencyText(least)}, mean ${latencyText(mean)}, max ${latencyText(most)}\n`)
}
