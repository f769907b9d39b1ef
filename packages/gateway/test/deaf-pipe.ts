import type { BytePipe, PipeHandler } from '@frontier/transport'

/** A pipe that remembers what is written, and does nothing else. */
export class DeafPipe implements BytePipe {
  readonly remoteAddress = 'deaf:1'
  readonly queuedBytes = 0
  readonly written: Uint8Array[] = []
  start(_handler: PipeHandler): void {}
  write(chunks: readonly Uint8Array[]): void {
    this.written.push(...chunks)
  }
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}
