import { setImmediate } from 'node:timers/promises'

/** Bytes in use after several collections, buffers included. Tests run with --expose-gc. */
export async function memoryInUse(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await setImmediate()
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Kinds of handles and requests that keep this process alive, with how many there are of each. */
export function activeResources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
