const WIDTH = 30

/** A line that shows how far a transfer is. */
export interface ProgressBar {
  at(bytes: number): void
  end(): void
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`
}

/** A bar on stderr; redrawn in place in a terminal, one line at the end elsewhere. Without `total` it only counts. */
export function progressBar(title: string, total?: number): ProgressBar {
  const { stderr } = process
  const begin = performance.now()
  let last = 0
  const line = (): string => {
    const rate = `${mebibytes(last / Math.max(0.001, (performance.now() - begin) / 1000))}/s`
    if (total === undefined) return `${title}  ${mebibytes(last)}  ${rate}`
    const part = total === 0 ? 1 : last / total
    const filled = Math.round(part * WIDTH)
    return `${title}  [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${Math.floor(part * 100)} %  ${mebibytes(last)}  ${rate}`
  }
  return {
    at: (bytes) => {
      last = bytes
      if (stderr.isTTY) stderr.write(`\r\u001b[K${line()}`)
    },
    end: () => {
      stderr.write(stderr.isTTY ? `\r\u001b[K${line()}\n` : `${line()}\n`)
    },
  }
}
