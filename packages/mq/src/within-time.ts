/** Resolves with `work`, or after `timeoutMs`. Rejects as `work`, unless the time was up before. */
export async function withinTime(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs)
  })
  try {
    await Promise.race([work, timeUp])
  } finally {
    clearTimeout(timer)
  }
}
