import type { BytePipe, PipeHandler } from '../src/index.js'

/** Waits until a condition holds; fails with its text after 10 s. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never became true: ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** Lets everything that is ready in the event loop happen, a few times over. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** A handler that notes all it is told. */
export class Recorder implements PipeHandler {
  readonly chunks: Uint8Array[] = []
  length = 0
  drained = 0
  ends = 0
  error: unknown = undefined
  onChunk: ((chunk: Uint8Array) => void) | undefined

  /** Starts a pipe with a new recorder. */
  static on(pipe: BytePipe): Recorder {
    const recorder = new Recorder()
    pipe.start(recorder)
    return recorder
  }

  onBytes(chunk: Uint8Array): void {
    if (this.ends > 0) throw new Error('bytes after the end')
    this.chunks.push(chunk)
    this.length += chunk.length
    this.onChunk?.(chunk)
  }

  onDrained(): void {
    if (this.ends > 0) throw new Error('drained after the end')
    this.drained++
  }

  onEnd(error?: unknown): void {
    this.ends++
    this.error = error
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }
}

/** Bytes that begin as a Frontier link does. */
export function linkBytes(...rest: number[]): Uint8Array {
  return Uint8Array.of(0xf1, ...rest)
}
