import { EMPTY } from '@frontier/wire'
import { checkedBytes } from './call-options.js'
import type { HandlerResult } from './request.js'

/** What a handler returned, as bytes. */
export interface AnswerContent {
  data: Uint8Array
  meta: Uint8Array
}

const nothing: AnswerContent = { data: EMPTY, meta: EMPTY }

/** Whether a handler returned a promise. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** The bytes of `result`. @throws INVALID_ARGUMENT for anything that is no {@link HandlerResult}. */
export function answerContent(result: HandlerResult): AnswerContent {
  if (result === undefined) return nothing
  if (typeof result !== 'object' || result instanceof Uint8Array) {
    return { data: checkedBytes(result, 'what a handler returns'), meta: EMPTY }
  }
  // A handler in plain JavaScript may return null, which is nothing.
  const fields = result as { data?: never; meta?: never } | null
  return {
    data: checkedBytes(fields?.data, 'data of what a handler returns'),
    meta: checkedBytes(fields?.meta, 'meta of what a handler returns'),
  }
}
