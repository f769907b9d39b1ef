import type { PendingMessage } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'

import { murmur2 } from './murmur2.js'
import { PartitionLane, type LaneHost } from './partition-lane.js'
import type { TopicTable } from './topic-table.js'

/** The messages of one topic. */
interface Route {
  readonly topic: string
  readonly lanes: Map<number, PartitionLane>
  /** Messages that wait for what the brokers say of the topic, in their order; undefined = nobody asks. */
  waiting: PendingMessage[] | undefined
}

/** Finds the partition of each message; those of a topic that is not known yet wait, and no others. */
export class TopicRoutes {
  readonly #routes = new Map<string, Route>()
  readonly #table: TopicTable
  readonly #host: LaneHost
  readonly #ask: (topic: string) => Promise<void>
  #turn = Math.floor(Math.random() * 0x1000_0000)

  /** `ask` resolves when the table knows a topic, or when there is nothing to wait for any more; it never rejects. */
  constructor(table: TopicTable, host: LaneHost, ask: (topic: string) => Promise<void>) {
    this.#table = table
    this.#host = host
    this.#ask = ask
  }

  /** Takes messages in their order. */
  take(batch: readonly PendingMessage[]): void {
    // Messages without a key go where the rest of their batch goes, as Java's clients have it: fewer and larger requests.
    this.#turn++
    const lanes = new Set<PartitionLane>()
    for (const message of batch) {
      this.#add(this.#route(message.target), message, lanes)
    }
    for (const lane of lanes) lane.run()
  }

  /** Every message that is in no request, for good. */
  takeAll(): PendingMessage[] {
    const all: PendingMessage[] = []
    for (const { waiting = [], lanes } of this.#routes.values()) {
      all.push(...waiting)
      for (const lane of lanes.values()) all.push(...lane.takeAll())
    }
    this.#routes.clear()
    return all
  }

  /** Whether no message waits here. */
  get isEmpty(): boolean {
    for (const { waiting, lanes } of this.#routes.values()) {
      if (waiting !== undefined) return false
      for (const lane of lanes.values()) if (!lane.isIdle) return false
    }
    return true
  }

  #route(topic: string): Route {
    let route = this.#routes.get(topic)
    if (route === undefined) this.#routes.set(topic, (route = { topic, lanes: new Map(), waiting: undefined }))
    return route
  }

  #add(route: Route, message: PendingMessage, lanes: Set<PartitionLane>): void {
    if (route.waiting !== undefined) route.waiting.push(message)
    else this.#place(route, message, lanes)
  }

  #place(route: Route, message: PendingMessage, lanes: Set<PartitionLane>): void {
    const partitions = this.#table.get(route.topic)
    if (partitions === undefined) {
      route.waiting = [message]
      void this.#lookUp(route)
      return
    }
    if (partitions instanceof FrontierError) {
      message.refuse(partitions)
      return
    }
    const { key } = message
    const partition = message.partition ?? (key === '' ? this.#turn : murmur2(Buffer.from(key))) % partitions
    if (partition >= partitions) {
      message.refuse(new FrontierError('INVALID_ARGUMENT', `kafka: topic ${route.topic} has ${partitions} partitions, ${partition} is none of them`))
      return
    }
    let lane = route.lanes.get(partition)
    if (lane === undefined) route.lanes.set(partition, (lane = new PartitionLane(route.topic, partition, this.#host)))
    lane.push(message)
    lanes.add(lane)
  }

  async #lookUp(route: Route): Promise<void> {
    await this.#ask(route.topic)
    const { waiting = [] } = route
    if (this.#host.isOver) return
    route.waiting = undefined
    // Names are the edges' choice: those of topics that there are not shall not fill the memory.
    if (this.#table.get(route.topic) instanceof FrontierError && route.lanes.size === 0) this.#routes.delete(route.topic)
    const lanes = new Set<PartitionLane>()
    for (const message of waiting) this.#add(route, message, lanes)
    for (const lane of lanes) lane.run()
    this.#host.onIdle()
  }
}
