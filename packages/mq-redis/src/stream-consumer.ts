import type { ConsumeOptions } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { Redis } from 'ioredis'
import { redisFault, wordOf } from './redis-errors.js'
import type { RedisSettings } from './redis-settings.js'
import { streamEntries, type StreamEntry } from './stream-entry.js'

const MAX_READ = 256
const MAX_BLOCK_MS = 5000
const RETRY_MS = 1000

/** What a consumer works with. */
export interface ConsumerHost {
  /** A connection of its own: reading blocks it. */
  readonly reader: Redis
  /** The one that everything else goes by. */
  readonly master: Redis
  /** The connections are of no use any longer. */
  onBroken(error: unknown): void
  onTrouble(error: FrontierError): void
}

/**
 * Consumes a stream in a group: first what this consumer left unfinished when it was here before, then what is new, and from time to time what others left. What is
 * not acknowledged stays pending in the group.
 */
export class StreamConsumer {
  readonly #options: ConsumeOptions
  readonly #settings: RedisSettings
  readonly #host: ConsumerHost
  readonly #unsettled = new Set<string>()
  readonly #retries = new Set<ReturnType<typeof setTimeout>>()
  #acks: string[] = []
  #acking = Promise.resolve()
  #claimTimer: ReturnType<typeof setInterval> | undefined = undefined
  #isStopped = false
  #onRoom: (() => void) | undefined = undefined

  constructor(options: ConsumeOptions, settings: RedisSettings, host: ConsumerHost) {
    this.#options = options
    this.#settings = settings
    this.#host = host
  }

  /** Resolves once there is a group, and reading has begun. */
  async start(): Promise<void> {
    await this.#ensureGroup()
    if (this.#isStopped) return
    const { claimAfterMs } = this.#settings
    this.#claimTimer = setInterval(() => void this.#claim(), Math.max(1000, claimAfterMs / 2))
    void this.#run()
    void this.#claim()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#claimTimer)
    for (const timer of this.#retries) clearTimeout(timer)
    this.#retries.clear()
    this.#onRoom?.()
    await this.#acking
  }

  /** The commands that name stream and group. */
  #call(command: string, ...args: (string | number)[]): Promise<unknown> {
    const { from, group } = this.#options
    return this.#host.master.callBuffer(command, from, group, ...args)
  }

  async #ensureGroup(): Promise<void> {
    const { from, group } = this.#options
    const { groupStart, createStreams } = this.#settings
    try {
      await this.#host.master.call('XGROUP', 'CREATE', from, group, groupStart, ...(createStreams ? ['MKSTREAM'] : []))
    } catch (error) {
      if (wordOf(error) === 'BUSYGROUP') return
      if (error instanceof Error && error.message.includes('requires the key to exist')) throw new FrontierError('RECORD_NOT_FOUND', `there is no stream ${JSON.stringify(from)}`, { cause: error })
      throw error
    }
  }

  async #run(): Promise<void> {
    try {
      await this.#readUnfinished()
      while (!this.#isStopped) {
        await this.#room()
        try {
          for (const entry of await this.#read('>')) this.#deliver(entry)
        } catch (error) {
          // Somebody deleted the stream, or the group.
          if (!['NOGROUP', 'UNBLOCKED'].includes(wordOf(error) ?? '')) throw error
          await this.#ensureGroup()
        }
      }
    } catch (error) {
      if (!this.#isStopped) this.#host.onBroken(error)
    }
  }

  /** What was given to this consumer and never acknowledged. */
  async #readUnfinished(): Promise<void> {
    let after = '0'
    while (!this.#isStopped) {
      await this.#room()
      const entries = await this.#read(after)
      for (const entry of entries) this.#deliver(entry)
      if (entries.length === 0) return
      after = entries.at(-1)!.id
    }
  }

  async #read(after: string): Promise<StreamEntry[]> {
    const { from, group } = this.#options
    if (this.#isStopped) return []
    const { consumerName, answerTimeoutMs } = this.#settings
    const blockMs = Math.min(MAX_BLOCK_MS, Math.floor(answerTimeoutMs / 2))
    const answer = await this.#host.reader.callBuffer('XREADGROUP', 'GROUP', group, consumerName, 'COUNT', this.#free(), 'BLOCK', blockMs, 'STREAMS', from, after)
    const [stream] = Array.isArray(answer) ? (answer as [Buffer, unknown][]) : []
    return streamEntries(stream?.[1])
  }

  /** Takes over what others left, and shows them that what is unsettled here is being worked on. */
  async #claim(): Promise<void> {
    const { consumerName, claimAfterMs } = this.#settings
    try {
      for (let cursor = '0-0'; !this.#isStopped && this.#free() > 0; ) {
        const [next, entries] = (await this.#call('XAUTOCLAIM', consumerName, claimAfterMs, cursor, 'COUNT', this.#free())) as [Buffer, unknown]
        for (const entry of streamEntries(entries)) this.#deliver(entry)
        cursor = next.toString()
        if (cursor === '0-0') return
      }
    } catch (error) {
      // Servers before Redis 6.2 do not know how.
      if (error instanceof Error && /unknown command/i.test(error.message)) clearInterval(this.#claimTimer)
      else this.#onFailure(error)
    }
  }

  #free(): number {
    return Math.min(MAX_READ, this.#options.maxUnsettled - this.#unsettled.size)
  }

  async #room(): Promise<void> {
    while (this.#free() <= 0 && !this.#isStopped) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve
      })
    }
  }

  #deliver(entry: StreamEntry): void {
    const { id, data, key, headers } = entry
    if (this.#isStopped || this.#unsettled.has(id)) return
    this.#unsettled.add(id)
    if (entry.isDeleted) {
      this.#ack(id)
      return
    }
    let isSettled = false
    const once = (settle: (id: string) => void) => () => {
      if (isSettled) return
      isSettled = true
      settle(id)
    }
    this.#options.onMessage({ source: this.#options.from, key, headers, data, ack: once((own) => this.#ack(own)), retry: once((own) => this.#retryLater(own)) })
  }

  #settle(id: string): void {
    this.#unsettled.delete(id)
    this.#onRoom?.()
  }

  /** Those of one turn of the event loop go together. */
  #ack(id: string): void {
    if (this.#acks.push(id) > 1) return
    this.#acking = new Promise((resolve) => {
      setImmediate(() => {
        const ids = this.#acks
        this.#acks = []
        void this.#call('XACK', ...ids)
          .catch((error: unknown) => this.#onFailure(error))
          .then(() => {
            for (const each of ids) this.#settle(each)
            resolve()
          })
      })
    })
  }

  #retryLater(id: string): void {
    if (this.#isStopped) return // it stays pending
    const timer = setTimeout(() => {
      this.#retries.delete(timer)
      void this.#retry(id)
    }, RETRY_MS)
    this.#retries.add(timer)
  }

  async #retry(id: string): Promise<void> {
    try {
      // Not when another consumer has taken it over meanwhile.
      const entries = streamEntries(await this.#call('XCLAIM', this.#settings.consumerName, RETRY_MS / 2, id))
      this.#settle(id)
      for (const entry of entries) this.#deliver(entry)
    } catch (error) {
      this.#settle(id)
      this.#onFailure(error)
    }
  }

  #onFailure(error: unknown): void {
    if (this.#isStopped) return
    const fault = redisFault(error, this.#options.from)
    if (fault.isConnectionOver && wordOf(error) !== 'NOGROUP') this.#host.onBroken(error)
    else this.#host.onTrouble(fault.error)
  }
}
