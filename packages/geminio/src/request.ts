import type { Bytes } from '@frontier/wire'
import type { Content } from './content.js'

/** A call as its handler sees it. */
export interface Request extends Content {
  readonly method: string
  /** The edge that calls (at a service), or that is called (at an edge). */
  readonly edgeId: bigint
  /** Aborts on cancel (CANCELLED), on the deadline (TIMEOUT), and when the caller or the link goes away (EOF); the reason is a FrontierError. */
  readonly signal: AbortSignal
  /** When the caller stops waiting; undefined when it waits for ever. */
  readonly deadline: Date | undefined
}

/** What a handler may return: bytes, text, nothing, or data with meta. Bytes must not be changed once they are returned. */
export type HandlerResult = Bytes | void | { data?: Bytes; meta?: Bytes }

/**
 * Serves one method. A thrown FrontierError reaches the caller with its code and message, any other throw as REMOTE_ERROR with its message only.
 */
export type Handler = (request: Request) => HandlerResult | Promise<HandlerResult>
