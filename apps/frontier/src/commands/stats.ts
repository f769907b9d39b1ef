import type { Command } from '../cli/command.js'
import { durationText, millisecondsOf, momentText } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'
import { bytesText, countText, latencyText } from '../cli/quantity.js'
import { writeFields } from '../cli/table.js'

/** `frontier stats` */
export const stats: Command = {
  path: ['stats'],
  summary: 'show the counts of the gateway',
  usesGateway: true,
  hasJson: true,
  examples: [[`frontier stats --json | jq -r '.edges'`, 'how many edges are online']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const now = await admin.getStats({}, { signal: host.stop })
    if (input.isSet('json')) {
      const { StatsSchema } = await import('@frontier/controlplane/api')
      const { jsonOf } = await import('../cli/gateway-api.js')
      return writeJson(host.out, jsonOf(StatsSchema, now))
    }
    const startedAt = millisecondsOf(now.startedAt)
    const upMs = (millisecondsOf(now.at) ?? Date.now()) - (startedAt ?? Date.now())
    await writeFields(host.out, [
      ['gateway', now.frontierId],
      ['start id', now.startId],
      ['started', `${momentText(startedAt)} UTC, up ${durationText(upMs)}`],
      ['draining', now.draining ? 'yes' : 'no'],
      ['edges', countText(now.edges)],
      ['services', countText(now.services)],
      ['pending', countText(now.pending)],
      ['calls', countText(now.calls)],
      ['messages', countText(now.messages)],
      ['answers', countText(now.answers)],
      ['streams', `${countText(now.streamsOpened)} opened, ${countText(now.streamsRefused)} refused, ${countText(now.streamViolations)} broke their limits`],
      ['not online', countText(now.notOnline)],
      ['buffer full', countText(now.bufferFull)],
      ['expired', countText(now.expired)],
      ['dropped', countText(now.dropped)],
      ['slow consumers', countText(now.slowConsumers)],
      ['links refused', byCode(now.refused)],
      ['links ended', byCode(now.ended)],
      ['bans', countText(now.bans)],
      ['watchers', countText(now.watchers)],
      ['bytes', `${bytesText(Number(now.bytesIn))} in, ${bytesText(Number(now.bytesOut))} out`],
      ['latency', `${latencyText(millisecondsOf(now.latencyP50) ?? Number.NaN)} p50, ${latencyText(millisecondsOf(now.latencyP99) ?? Number.NaN)} p99, of ${countText(now.latencySamples)} samples`],
      ['loop delay', `${latencyText(millisecondsOf(now.loopDelayP50) ?? Number.NaN)} p50, ${latencyText(millisecondsOf(now.loopDelayP99) ?? Number.NaN)} p99`],
      ['memory', bytesText(Number(now.memoryBytes))],
    ])
  },
}

function byCode(counts: Readonly<Record<string, bigint>>): string {
  const parts = Object.entries(counts).sort().map(([code, count]) => `${countText(count)} ${code}`)
  return parts.length === 0 ? '0' : parts.join(', ')
}
