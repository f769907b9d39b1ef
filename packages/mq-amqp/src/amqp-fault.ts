import { FrontierError, type FrontierErrorCode } from '@frontier/wire'

/** What amqplib's errors may carry: the reply code of AMQP. */
function replyCode(error: unknown): number | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined
  if (typeof code === 'number') return code
  // In the handshake amqplib has the broker's answer in its text alone.
  const found = /\b([45]\d\d) \([A-Z-]+\) with message "/.exec(textOf(error))?.[1]
  return found === undefined ? undefined : Number(found)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The broker's own words in an error of amqplib. */
function reasonOf(error: unknown): string {
  const text = textOf(error)
  return /with message "(.*)"$/s.exec(text)?.[1] ?? text
}

/** Why no connection came about. */
export function connectError(error: unknown, where: string): FrontierError {
  const reason = `RabbitMQ at ${where}: ${reasonOf(error)}`
  const details = { cause: error }
  switch (replyCode(error)) {
    case 403: // a login that is not taken
      return new FrontierError('UNAUTHENTICATED', reason, details)
    default:
      if (reason.includes('SASL mechanism')) return new FrontierError('UNAUTHENTICATED', reason, details)
      // amqplib keeps the broker's reason for itself here; these are what RabbitMQ has.
      if (reason.includes('Expected ConnectionOpenOk; got <ConnectionClose')) {
        const text = `RabbitMQ at ${where} refuses the virtual host: there is none of that name, it is not this user's, or it has no room for more connections`
        return new FrontierError('INVALID_ARGUMENT', text, details)
      }
      return new FrontierError('BRIDGE_UNAVAILABLE', reason, details)
  }
}

/** Why the broker does not take what was configured, or the queue that is to be consumed. */
export function refusal(error: unknown, what: string, missing: FrontierErrorCode = 'INVALID_ARGUMENT'): FrontierError {
  const reason = `${what}: ${reasonOf(error)}`
  const details = { cause: error }
  switch (replyCode(error)) {
    case 403:
      return new FrontierError('PERMISSION_DENIED', reason, details)
    case 404:
      return new FrontierError(missing, reason, details)
    case 402: // invalid path
    case 406: // it is there, and different
    case 503: // an unknown kind of exchange; closes the connection
    case 530:
    case 540:
      return new FrontierError('INVALID_ARGUMENT', reason, details)
    default: // 405: the queue is another connection's, maybe our own last one's
      return new FrontierError('BRIDGE_UNAVAILABLE', reason, details)
  }
}

/** What a channel that the broker closed says about the messages that were on it. */
export interface ChannelFault {
  /** The error of a message that may be to blame; undefined = it is not, and can be sent again. */
  blame(message: { readonly target: string; readonly data: Uint8Array }): FrontierError | undefined
  /** Whether what comes next would end the same: the exchange is to blame, not a message. */
  readonly isLasting: boolean
  readonly error: FrontierError
  /** The broker's limit, where it told it. */
  readonly maxMessageBytes?: number
  /** The only routing key that is refused, where it told it. */
  readonly deniedKey?: string
}

/** Finds out from the broker's words which messages brought the channel down. Undefined: none of them did. */
export function channelFault(error: unknown): ChannelFault | undefined {
  const reason = `RabbitMQ: ${reasonOf(error)}`
  // Those that were routed before the one to blame may be in a queue without their confirm.
  const make = (code: FrontierErrorCode, delivered: 'no' | 'maybe') => new FrontierError(code, reason, { delivered, cause: error })
  const all = (code: FrontierErrorCode): ChannelFault => {
    const made = make(code, 'maybe')
    return { error: make(code, 'no'), isLasting: true, blame: () => made }
  }
  switch (replyCode(error)) {
    case 404:
      return all('RECORD_NOT_FOUND')
    case 403: {
      const key = /access to topic '([^']*)' in exchange/.exec(reason)?.[1]
      if (key === undefined) return all('PERMISSION_DENIED')
      const denied = make('PERMISSION_DENIED', 'no')
      return { error: denied, isLasting: false, deniedKey: key, blame: ({ target }) => (target === key ? denied : undefined) }
    }
    case 406: {
      const limit = /message size \d+ is larger than (?:configured )?max(?:imum)? (?:allowed )?size (\d+)/.exec(reason)?.[1]
      if (limit === undefined) return all('INVALID_ARGUMENT')
      const maxMessageBytes = Number(limit)
      const tooLarge = make('PAYLOAD_TOO_LARGE', 'no')
      return { error: tooLarge, isLasting: false, maxMessageBytes, blame: ({ data }) => (data.length > maxMessageBytes ? tooLarge : undefined) }
    }
    default:
      return undefined
  }
}
