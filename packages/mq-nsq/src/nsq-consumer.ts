import type { ConsumeOptions } from '@frontier/mq'
import type { FrontierError } from '@frontier/wire'

import { findNsqds } from './find-nsqds.js'
import { openEnvelope } from './nsq-envelope.js'
import type { NsqdAddress } from './nsqd-address.js'
import { type Held, lastingRefusal, NsqdReader } from './nsqd-reader.js'
import type { NsqSettings } from './resolve-options.js'

/** Consumes one topic from all nsqds that have it: those that nsqlookupd names, or those of the addresses. */
export class NsqConsumer {
  readonly #options: ConsumeOptions
  readonly #settings: NsqSettings
  readonly #readers = new Map<string, NsqdReader>()
  /** Came when there were enough out already: nsqd counts for each connection. */
  readonly #waiting: Held[] = []
  #unsettled = 0
  #isStopped = false
  readonly #stopping = new AbortController()
  #polling: NodeJS.Timeout | undefined
  #isLookupKnown = true

  constructor(options: ConsumeOptions, settings: NsqSettings) {
    this.#options = options
    this.#settings = settings
  }

  /** Resolves when it consumes from somewhere, or looks for where; rejects when an nsqd does not let it. */
  start(): Promise<void> {
    if (this.#settings.lookupds.length > 0) {
      void this.#poll()
      return Promise.resolve()
    }
    let undecided = this.#settings.addresses.length
    return new Promise((resolve, reject) => {
      for (const address of this.#settings.addresses) {
        this.#read(address, (error) => {
          undecided--
          const refusal = error === undefined ? undefined : lastingRefusal(error)
          if (refusal !== undefined) reject(refusal)
          else if (error === undefined || undecided === 0) resolve()
        })
      }
    })
  }

  /** No message comes any more, and what is not settled goes back. */
  async drain(timeoutMs: number): Promise<void> {
    this.#end()
    await Promise.all(Array.from(this.#readers.values(), (reader) => reader.drain(timeoutMs)))
  }

  stop(): void {
    this.#end()
    for (const reader of this.#readers.values()) reader.stop()
    this.#readers.clear()
  }

  #end(): void {
    this.#isStopped = true
    this.#stopping.abort()
    clearTimeout(this.#polling)
    this.#waiting.length = 0
  }

  #read(address: NsqdAddress, onFirst?: (error: FrontierError | undefined) => void): void {
    const { from, group } = this.#options
    let isFirst = true
    let isAway = false
    const first = (error?: FrontierError) => {
      if (isFirst) onFirst?.(error)
      isFirst = false
    }
    const reader = new NsqdReader(address, { topic: from, channel: group }, this.#settings, {
      onUp: () => {
        isAway = false
        this.#share()
        first()
      },
      onDown: (error) => {
        const fields = { nsqd: address.name, topic: from, code: error.code, reason: error.reason }
        if (!isAway) this.#settings.logger?.warn(fields, 'nothing is consumed from an nsqd for now')
        isAway = true
        this.#share()
        first(error)
      },
      onMessage: (message) => {
        this.#waiting.push(message)
        this.#deliver()
      },
    })
    this.#readers.set(address.name, reader)
    reader.start()
  }

  /** Each nsqd may have its part out, and at least one message. */
  #share(): void {
    if (this.#isStopped) return
    const up = [...this.#readers.values()].filter(({ isUp }) => isUp)
    for (const reader of up) reader.setReady(Math.max(1, Math.floor(this.#options.maxUnsettled / up.length)))
  }

  #deliver(): void {
    while (this.#waiting.length > 0 && this.#unsettled < this.#options.maxUnsettled) {
      const held = this.#waiting.shift()!
      if (!held.isGone()) this.#handOut(held)
    }
  }

  #handOut(held: Held): void {
    this.#unsettled++
    let isSettled = false
    const settle = (how: () => void) => {
      if (isSettled) return
      isSettled = true
      this.#unsettled--
      how()
      this.#deliver()
    }
    const opened = this.#settings.envelope === 'json' ? openEnvelope(held.body) : undefined
    this.#options.onMessage({
      source: this.#options.from,
      key: opened?.key ?? '',
      headers: opened?.headers ?? {},
      data: opened?.data ?? held.body,
      ack: () => settle(() => held.finish()),
      retry: () => settle(() => held.requeue()),
    })
  }

  /** Asks every nsqlookupd, and consumes from what is new. An nsqd that none of them names any more is let go of once it is away. */
  async #poll(): Promise<void> {
    const { lookupds, lookupdPollMs, logger } = this.#settings
    const { from } = this.#options
    const answers = await Promise.allSettled(lookupds.map((lookupd) => findNsqds(lookupd, from, this.#stopping.signal)))
    if (this.#isStopped) return
    const found = new Map(answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.map((address) => [address.name, address] as const) : [])))
    const isKnown = answers.some(({ status }) => status === 'fulfilled')
    if (!isKnown && this.#isLookupKnown) logger?.warn({ topic: from }, 'no nsqlookupd answers')
    this.#isLookupKnown = isKnown
    for (const [name, address] of found) if (!this.#readers.has(name)) this.#read(address)
    for (const [name, reader] of isKnown ? this.#readers : []) {
      if (found.has(name) || reader.isUp) continue
      reader.stop()
      this.#readers.delete(name)
    }
    this.#polling = setTimeout(() => void this.#poll(), lookupdPollMs * (0.8 + 0.4 * Math.random()))
  }
}
