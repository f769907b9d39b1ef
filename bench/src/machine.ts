import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Where and what was measured. */
export interface Machine {
  /** Abbreviated hash, with `+` when files differ from it; null outside a git checkout. */
  readonly commit: string | null
  readonly node: string
  readonly cpu: string
  /** Load averages of 1, 5 and 15 minutes before the bench. */
  readonly load: readonly number[]
}

/** Describes this machine, now. */
export function describeMachine(): Machine {
  const commit = git('rev-parse', '--short=12', 'HEAD')
  const isChanged = commit !== null && git('status', '--porcelain', '--untracked-files=no') !== ''
  return {
    commit: commit === null ? null : `${commit}${isChanged ? '+' : ''}`,
    node: process.version,
    cpu: `${cpus()[0]?.model ?? 'unknown'} x ${availableParallelism()}`,
    load: loadavg().map((value) => Math.round(value * 100) / 100),
  }
}

function git(...args: string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}
