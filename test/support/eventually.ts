// Taken before a test replaces the clock: waiting goes on in real time.
const realSetTimeout = globalThis.setTimeout
const realNow = Date.now.bind(Date)

/** A turn of the event loop in real time, sockets included. */
export async function realTurn(delayMs = 1): Promise<void> {
  await new Promise<void>((resolve) => {
    realSetTimeout(resolve, delayMs)
  })
}

/** Waits until `check` returns something other than false or undefined. @throws after `timeoutMs` (20 s), naming `what`. */
export async function eventually<T>(
  what: string,
  check: () => T | false | undefined | Promise<T | false | undefined>,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = realNow() + timeoutMs
  for (;;) {
    const value = await check()
    if (value !== false && value !== undefined) return value
    if (realNow() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`)
    await realTurn(2)
  }
}

/** The value that `promise` rejected with; fails the test when it resolved. */
export async function rejectionOf(promise: Promise<unknown>): Promise<any> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it should have been rejected')
}
