import { appendFile, open } from 'node:fs/promises'

import { FrontierError } from '@frontier/wire'

import type { ControlPlaneLogger } from './logger.js'

/** One call that changes something, or was meant to. */
export interface AuditRecord {
  /** Unix milliseconds. */
  at: number
  /** Name of the token or certificate; `anonymous` on an open port, '' when the caller was not let in. */
  who: string
  role: string
  /** Where the caller dials from. */
  address: string
  protocol: string
  /** Full name of the method, as `frontier.v1.Admin/KickEdge`. */
  method: string
  /** What it is about, without payloads. */
  target: Readonly<Record<string, string>>
  /** `OK`, or the code of the error. */
  result: string
}

/** Readable by nobody else: reasons and ids are the operators' own. */
const FILE_MODE = 0o600

/** Writes down who changed what: one line of JSON per record when there is a file, and one message of the log in any case. */
export class AuditLog {
  readonly #file: string | undefined
  readonly #logger: ControlPlaneLogger
  #last: Promise<void> = Promise.resolve()

  private constructor(file: string | undefined, logger: ControlPlaneLogger) {
    this.#file = file
    this.#logger = logger
  }

  /** Rejects with INVALID_ARGUMENT when the file cannot be written to. */
  static async open(file: string | undefined, logger: ControlPlaneLogger): Promise<AuditLog> {
    if (file !== undefined) {
      try {
        await (await open(file, 'a', FILE_MODE)).close()
      } catch (error) {
        throw new FrontierError('INVALID_ARGUMENT', `the audit log cannot be written: ${String(error)}`, { cause: error })
      }
    }
    return new AuditLog(file, logger)
  }

  /** Resolves when the record is in the file. A file that fails is told to the log, and fails no call: the change was made. */
  async write(record: AuditRecord): Promise<void> {
    const { at, ...fields } = record
    const { target, ...rest } = fields
    // CallEdge has a method of its own.
    const named = Object.entries(target).map(([name, value]) => [name in rest ? `target_${name}` : name, value] as const)
    this.#logger.info({ ...rest, ...Object.fromEntries(named) }, 'audit')
    if (this.#file === undefined) return
    const line = `${JSON.stringify({ at: new Date(at).toISOString(), ...fields })}\n`
    // One after the other, each by its own open: a file that is rotated away is made anew.
    this.#last = this.#last.then(() => this.#append(line))
    await this.#last
  }

  /** Resolves when all records are in the file. */
  async close(): Promise<void> {
    await this.#last
  }

  async #append(line: string): Promise<void> {
    try {
      await appendFile(this.#file!, line, { mode: FILE_MODE })
    } catch (error) {
      this.#logger.error({ error, line }, 'the audit log could not be written')
    }
  }
}
