type Allocate = (length: number) => Uint8Array

const { allocUnsafeSlow } = (globalThis as { Buffer?: { allocUnsafeSlow?: Allocate } }).Buffer ?? {}

/**
 * A buffer that is not zeroed where the platform has such a thing (Node, Bun, Deno): for bytes that are all written before anybody sees them. Zeroing 32 KiB takes as
 * long as filling them (docs/performance.md). Never pooled: nobody else's bytes lie in its `buffer`.
 */
export const allocateUnfilled: Allocate =
  allocUnsafeSlow === undefined
    ? (length) => new Uint8Array(length)
    : (length) => {
        // Not the Buffer that it is: `slice` of a Buffer copies nothing.
        const { buffer } = allocUnsafeSlow(length)
        return new Uint8Array(buffer, 0, length)
      }
