import { Worker } from 'node:worker_threads'
import { FrontierError } from '@frontier/wire'

import type { Pacer } from './pacer.js'
import type { Change, FromThread, Question, StoredPage, StoredPeers, ThreadError, ThreadOptions, ToThread } from './sqlite-messages.js'

/** Changes that are handed over in one message: 1 ms of this thread. */
const CHANGES_AT_ONCE = 256
/** Messages with changes that the thread has not written yet; more wait here. */
const MAX_BATCHES_AHEAD = 4
/** Changes that wait because the database is slow. When more do, it is filled anew at the next query. */
const MAX_WAITING = 200_000

interface Waiter {
  resolve: (answer: StoredPeers | StoredPage) => void
  reject: (error: FrontierError) => void
}

/** What the thread's owner is told, and has to tell. */
export interface ThreadOwner {
  readonly pacer: Pacer
  /** Everybody who is online, as changes; undefined = a good moment for a pause. */
  everybody(): Iterator<Change | undefined, void>
  onError(error: FrontierError): void
  onSql(sql: string, tookMs: number): void
}

/**
 * The thread with the database, seen from the gateway's: takes changes without waiting for anything, and questions, which see all changes that
 * came before them. What fails over there is forgotten and filled anew when somebody asks again.
 */
export class SqliteThread {
  readonly #options: ThreadOptions
  readonly #owner: ThreadOwner
  #worker: Worker | undefined = undefined
  #waiting: Change[] = []
  /** How many at the beginning of those have been handed over. */
  #handed = 0
  #isScheduled = false
  #batchesAhead = 0
  /** Whether what is stored and what waits is what is online. */
  #isInStep = false
  #filling: Promise<void> | undefined = undefined
  #isClosed = false
  #lastNumber = 0
  readonly #waiters = new Map<number, Waiter>()
  readonly #asking = new Set<Promise<unknown>>()

  constructor(options: ThreadOptions, owner: ThreadOwner) {
    this.#options = options
    this.#owner = owner
  }

  /** Starts the thread. @throws INVALID_ARGUMENT without better-sqlite3, or for a file that is none of a registry; UNAVAILABLE when it cannot be had. */
  async open(): Promise<void> {
    // Flags of this process, loaders for example, are of no use there.
    const worker = new Worker(new URL('./sqlite-worker.js', import.meta.url), { workerData: this.#options, name: 'registry', execArgv: [] })
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.tell !== 'open') this.#onMessage(message)
        else if (message.error === undefined) resolve()
        else reject(new FrontierError(message.error.code, message.error.reason))
      })
      worker.on('error', (error) => {
        const reason = `the registry's thread ended: ${error.message}`
        reject(new FrontierError('UNAVAILABLE', reason, { cause: error }))
        this.#onEnded(worker, reason)
      })
      worker.on('exit', () => {
        reject(new FrontierError('UNAVAILABLE', `the registry's thread ended`))
        this.#onEnded(worker, `the registry's thread ended`)
      })
    })
    worker.unref()
    this.#worker = worker
    this.#isInStep = true
  }

  /** Hands `change` over in time; never waits. */
  write(change: Change): void {
    if (!this.#isInStep || this.#isClosed) return
    if (this.#waiting.push(change) - this.#handed > MAX_WAITING) {
      this.#outOfStep({ code: 'UNAVAILABLE', reason: `the registry's database is too slow: ${MAX_WAITING} changes wait` })
      return
    }
    this.#schedule()
  }

  /** @throws UNAVAILABLE when the database fails. */
  async ask(question: Question): Promise<StoredPeers | StoredPage> {
    const asking = this.#ask(question)
    this.#asking.add(asking)
    try {
      return await asking
    } finally {
      this.#asking.delete(asking)
    }
  }

  async #ask(question: Question): Promise<StoredPeers | StoredPage> {
    if (!this.#isInStep || this.#filling !== undefined) await (this.#filling ??= this.#fill())
    await this.#owner.pacer.run(this.#handAll())
    return new Promise((resolve, reject) => {
      const number = ++this.#lastNumber
      this.#waiters.set(number, { resolve, reject })
      this.#post({ tell: 'question', number, question })
      this.#worker?.ref() // an answer to wait for keeps the process alive
    })
  }

  /** Takes no more changes, answers what was asked, ends the thread; the file forgets everybody. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await Promise.allSettled(this.#asking)
    this.#forgetWaiting()
    const worker = this.#worker
    if (worker === undefined) return
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.ref()
    this.#post({ tell: 'close' })
    await ended
  }

  #schedule(): void {
    if (this.#isScheduled || this.#batchesAhead >= MAX_BATCHES_AHEAD) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (this.#waiting.length > 0) this.#hand()
      if (this.#waiting.length > 0) this.#schedule()
    })
  }

  *#handAll(): Generator<undefined, void> {
    while (this.#waiting.length > 0) {
      this.#hand()
      yield
    }
  }

  #hand(): void {
    const changes = this.#waiting.slice(this.#handed, this.#handed + CHANGES_AT_ONCE)
    this.#handed += changes.length
    if (this.#handed === this.#waiting.length) {
      this.#waiting = []
      this.#handed = 0
    } else if (this.#handed > MAX_WAITING / 10) {
      this.#waiting.splice(0, this.#handed)
      this.#handed = 0
    }
    this.#batchesAhead++
    this.#post({ tell: 'changes', changes })
  }

  /** Starts the thread again when it has ended, and tells it who is online. */
  async #fill(): Promise<void> {
    try {
      if (this.#isClosed) throw new FrontierError('UNAVAILABLE', 'the registry is closed')
      if (this.#worker === undefined) await this.open()
      else this.#post({ tell: 'reset' })
      this.#isInStep = true
      await this.#owner.pacer.run(this.#fillWork())
    } finally {
      this.#filling = undefined
    }
  }

  *#fillWork(): Generator<undefined, void> {
    const everybody = this.#owner.everybody()
    for (let next = everybody.next(); next.done !== true; next = everybody.next()) {
      if (next.value !== undefined) this.#waiting.push(next.value)
      if (this.#waiting.length - this.#handed >= CHANGES_AT_ONCE) this.#hand()
      yield
    }
  }

  #onMessage(message: Exclude<FromThread, { tell: 'open' }>): void {
    switch (message.tell) {
      case 'written':
        this.#batchesAhead--
        if (this.#waiting.length > 0) this.#schedule()
        return
      case 'failed':
        this.#outOfStep(message.error)
        return
      case 'sql':
        this.#owner.onSql(message.sql, message.tookMs)
        return
      case 'answer': {
        const waiter = this.#waiters.get(message.number)
        this.#waiters.delete(message.number)
        if (this.#waiters.size === 0) this.#worker?.unref()
        if ('answer' in message) waiter?.resolve(message.answer)
        else waiter?.reject(new FrontierError(message.error.code, message.error.reason))
      }
    }
  }

  #onEnded(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#batchesAhead = 0
    if (!this.#isClosed) this.#outOfStep({ code: 'UNAVAILABLE', reason })
    for (const waiter of this.#waiters.values()) waiter.reject(new FrontierError('UNAVAILABLE', reason))
    this.#waiters.clear()
  }

  #outOfStep({ code, reason }: ThreadError): void {
    this.#forgetWaiting()
    if (!this.#isInStep) return
    this.#isInStep = false
    this.#owner.onError(new FrontierError(code, reason))
  }

  #forgetWaiting(): void {
    this.#waiting = []
    this.#handed = 0
  }

  #post(message: ToThread): void {
    this.#worker?.postMessage(message)
  }
}
