/** Calls of `edge_online` and `edge_offline`, by what became of them. */
export type HookCounts = Readonly<Omit<HookCounters, 'snapshot'>>

/** What became of the calls that the gateway makes of services: plain numbers, read out when somebody asks. */
export class HookCounters {
  /** Edges that a service was told of as online, those of a snapshot included. */
  onlineTold = 0
  /** Edges refused by a service's `edge_online`. */
  onlineRefused = 0
  /** `edge_online` without an answer in time, or without a way to the service. */
  onlineFailed = 0
  offlineTold = 0
  /** `edge_offline` that no service of the name was there for. */
  offlineDropped = 0
  /** `edge_offline` that was not answered, or answered with an error. */
  offlineFailed = 0

  /** The counts now. */
  snapshot(): HookCounts {
    const { onlineTold, onlineRefused, onlineFailed, offlineTold, offlineDropped, offlineFailed } = this
    return { onlineTold, onlineRefused, onlineFailed, offlineTold, offlineDropped, offlineFailed }
  }
}
