import { errorCodes, type FrontierErrorCode } from './error-codes.js'

const brand = Symbol.for('@frontier/FrontierError')

/** What is known of an error beside its code and text. */
export interface FrontierErrorDetails {
  /** 'no': the request surely did not run (default); 'maybe': it may have. */
  delivered?: 'no' | 'maybe'
  /** Which side made the error: this process (default), the gateway, or the peer behind it. */
  origin?: 'local' | 'gateway' | 'peer'
  /** Overrides what the code says. */
  retryable?: boolean
  cause?: unknown
}

/** The one error class of Frontier. Match on `code`; the message is for people and begins with the code. */
export class FrontierError extends Error {
  readonly code: FrontierErrorCode
  /** Whether the same request can succeed later. */
  readonly retryable: boolean
  readonly delivered: 'no' | 'maybe'
  readonly origin: 'local' | 'gateway' | 'peer'

  constructor(code: FrontierErrorCode, message: string, details: FrontierErrorDetails = {}) {
    super(`${code}: ${message}`, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'FrontierError'
    this.code = code
    this.retryable = details.retryable ?? errorCodes[code].retryable
    this.delivered = details.delivered ?? 'no'
    this.origin = details.origin ?? 'local'
    Object.defineProperty(this, brand, { value: true })
  }

  /** `instanceof` holds across copies of this package in one process. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass of some application must not claim every error of ours.
    return this === FrontierError ? isFrontierError(value) : Function.prototype[Symbol.hasInstance].call(this, value)
  }

  /** The message without its leading code: what travels on the wire. */
  get reason(): string {
    return this.message.slice(this.code.length + 2)
  }
}

/** Whether `value` is a {@link FrontierError}, of whichever copy of this package. */
export function isFrontierError(value: unknown): value is FrontierError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
}

function textOf(value: unknown): string {
  try {
    return value instanceof Error ? value.message : String(value)
  } catch {
    return 'a value that has no text' // Object.create(null), or a toString that throws
  }
}

/** `value` itself when it is a {@link FrontierError}, else a new one with `code`, the text of `value`, and it as the cause. */
export function toFrontierError(value: unknown, code: FrontierErrorCode, details: FrontierErrorDetails = {}): FrontierError {
  if (isFrontierError(value)) return value
  return new FrontierError(code, textOf(value), { cause: value, ...details })
}
