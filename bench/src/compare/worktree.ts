import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Another commit of a repository in a folder of its own, beside the one that is worked in. */
export interface Worktree {
  readonly folder: string
  readonly commit: string
  /** Takes it away, whatever was built in it; at once, so that an exiting process can. */
  readonly remove: () => void
}

/** Checks `ref` out into a temporary folder. @throws for a ref that is not a commit */
export function addWorktree(root: string, ref: string): Worktree {
  const git = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.trim()}`)
    return stdout.trim()
  }
  const commit = git('rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`)
  const parent = mkdtempSync(path.join(tmpdir(), 'frontier-compare-'))
  const folder = path.join(parent, 'tree')
  const remove = (): void => {
    rmSync(parent, { recursive: true, force: true })
    git('worktree', 'prune')
  }
  try {
    git('worktree', 'add', '--detach', '--quiet', folder, commit)
  } catch (error) {
    remove()
    throw error
  }
  return { folder, commit, remove }
}
