const POLL_MS = 10

/** Looks every 10 ms whether `isTrue()`, until `deadline` (of `performance.now()`); whether it became true. */
export async function waitUntil(isTrue: () => boolean, deadline: number): Promise<boolean> {
  while (!isTrue()) {
    const leftMs = deadline - performance.now()
    if (leftMs <= 0) return false
    await new Promise((resolve) => setTimeout(resolve, Math.min(POLL_MS, leftMs)))
  }
  return true
}
