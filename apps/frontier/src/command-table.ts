import type { Command } from './cli/command.js'
import { bench } from './commands/bench.js'
import { bridges } from './commands/bridges.js'
import { call } from './commands/call.js'
import { completion } from './commands/completion.js'
import { contextAdd } from './commands/context-add.js'
import { contextLs } from './commands/context-ls.js'
import { contextRm } from './commands/context-rm.js'
import { contextUse } from './commands/context-use.js'
import { drain } from './commands/drain.js'
import { edgesBan } from './commands/edges-ban.js'
import { edgesBans } from './commands/edges-bans.js'
import { edgesGet } from './commands/edges-get.js'
import { edgesKick } from './commands/edges-kick.js'
import { edgesLs } from './commands/edges-ls.js'
import { edgesUnban } from './commands/edges-unban.js'
import { events } from './commands/events.js'
import { ping } from './commands/ping.js'
import { publish } from './commands/publish.js'
import { rpcs } from './commands/rpcs.js'
import { servicesBan } from './commands/services-ban.js'
import { servicesBans } from './commands/services-bans.js'
import { servicesGet } from './commands/services-get.js'
import { servicesKick } from './commands/services-kick.js'
import { servicesLs } from './commands/services-ls.js'
import { servicesUnban } from './commands/services-unban.js'
import { stats } from './commands/stats.js'
import { top } from './commands/top.js'
import { topics } from './commands/topics.js'

/** Every command, in the order of the help. None loads more than itself before it runs. */
export const commandTable: readonly Command[] = [
  edgesLs,
  edgesGet,
  edgesKick,
  edgesBan,
  edgesUnban,
  edgesBans,
  servicesLs,
  servicesGet,
  servicesKick,
  servicesBan,
  servicesUnban,
  servicesBans,
  rpcs,
  topics,
  bridges,
  call,
  publish,
  events,
  top,
  stats,
  ping,
  drain,
  bench,
  contextAdd,
  contextUse,
  contextLs,
  contextRm,
  completion,
]
