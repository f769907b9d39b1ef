import type { Content } from './content.js'

/** A published message at its receiver. The first of `done` and `fail` counts; neither by the deadline is TIMEOUT at the publisher. */
export interface Message extends Content {
  readonly topic: string
  /** The edge that published (at a service), or the receiving edge itself (at an edge). */
  readonly edgeId: bigint
  /** Acknowledges: the publisher's promise resolves. */
  done(): void
  /** Refuses: the publisher's promise rejects with `reason`, with the code when it is a FrontierError, else as REMOTE_ERROR. */
  fail(reason: string | Error): void
}

/** Takes messages one at a time per sender. Its return acknowledges and its throw refuses what is not settled by then. */
export type MessageHandler = (message: Message) => void | Promise<void>
