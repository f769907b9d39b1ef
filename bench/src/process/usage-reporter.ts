// Loaded with --import into every measured process, the gateway program included: tells its parent what the process uses when it is asked. By
// IPC, because /proc counts CPU in steps of 10 ms and is not everywhere.
import type { Usage } from './usage.js'

process.on('message', (message: unknown) => {
  if (typeof message !== 'object' || message === null || !('usageId' in message)) return
  const { user, system } = process.cpuUsage()
  const usage: Usage = { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() }
  process.send?.({ usageId: message.usageId, usage })
})
// No orphans: whoever measures is gone.
process.on('disconnect', () => process.exit())
// The process lives as long as it would without us.
process.channel?.unref()
