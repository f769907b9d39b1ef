import { EMPTY, utf8 } from '@frontier/wire'

/** What a request, an answer or a message carries. The bytes are yours for ever: they share no buffer with other content. */
export interface Content {
  readonly data: Uint8Array
  readonly meta: Uint8Array
  /** The data as UTF-8 text; malformed sequences become U+FFFD. */
  text(): string
  /** The data parsed as JSON, believed to be a `T`. @throws SyntaxError when it is not JSON. */
  json<T>(): T
}

/** What a handler answered. */
export type Reply = Content

/** The bytes of a {@link Content} and their two readings. */
export class ReceivedContent implements Content {
  readonly data: Uint8Array
  readonly meta: Uint8Array

  constructor(data: Uint8Array, meta: Uint8Array) {
    this.data = data
    this.meta = meta
  }

  text(): string {
    return utf8(this.data)
  }

  json<T>(): T {
    return JSON.parse(utf8(this.data)) as T
  }
}

/** The content of an answer without bytes. */
export const EMPTY_REPLY: Reply = new ReceivedContent(EMPTY, EMPTY)

/** A copy of `bytes[from, to)` in a buffer of its own, so that 64 B never pin the 64 KiB chunk they came in. */
export function copyBytes(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return EMPTY
  // A third cheaper than an array and a view to fill it from. By way of the prototype: that of a Buffer copies nothing.
  return Uint8Array.prototype.slice.call(bytes, from, to)
}
