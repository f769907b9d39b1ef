type Headers = Readonly<Record<string, string | Uint8Array>>

/**
 * `make`, which is asked once for headers that many messages have in common (those are frozen), and each time for others: what a client library wants of the headers takes
 * longer to make than all the rest of a message (docs/performance.md). What it returns is not to be changed.
 */
export function perHeaders<T extends object>(make: (headers: Headers) => T): (headers: Headers) => T {
  const made = new WeakMap<Headers, T>()
  return (headers) => {
    if (!Object.isFrozen(headers)) return make(headers)
    let known = made.get(headers)
    if (known === undefined) made.set(headers, (known = make(headers)))
    return known
  }
}
