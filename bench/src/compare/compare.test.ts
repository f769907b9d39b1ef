import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { resultOf, type Result } from '../result.js'
import { comparisonSheet } from './comparison.js'
import { runIn } from './foreground.js'
import { addWorktree } from './worktree.js'

function figure(name: string, value: number, cpu?: number): Result {
  return resultOf({ name, params: { through: 'gateway', by: 'raw', edges: 1 }, unit: 'calls/s' }, { values: [value], ...(cpu === undefined ? {} : { perCpuSecond: [cpu] }) })
}

describe('comparisonSheet', () => {
  it('has the ratio of each figure that both have, round by round', () => {
    const here = [[figure('calls', 110, 240), figure('new', 1)], [figure('calls', 120, 220), figure('new', 1)], [figure('calls', 90, 200), figure('new', 1)]]
    const there = [[figure('calls', 100, 200)], [figure('calls', 100, 200)], [figure('calls', 75, 200)]]
    const { rows } = comparisonSheet(here, there)
    expect(rows).toEqual([['calls 1 edge', 'gateway', 'raw', 'calls/s', '100', '110', '1.20 (4%)', '1.10 (9%)', '']])
  })

  it('says what is not to be trusted', () => {
    const rows = (values: number[]) => values.map((value) => [figure('calls', value)])
    expect(comparisonSheet(rows([100, 200, 300]), rows([100, 100, 100])).rows[0]!.slice(6)).toEqual(['2.00 (50%)', '', 'WIDE: do not trust'])
  })
})

describe('addWorktree', () => {
  let root: string
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.invalid', ...args], { cwd: root, encoding: 'utf8' }).trim()

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'frontier-worktree-'))
    git('init', '--quiet')
    for (const text of ['old', 'new']) {
      writeFileSync(path.join(root, 'file'), text)
      git('add', 'file')
      git('commit', '--quiet', '-m', text)
    }
  })
  afterEach(() => {
    rmSync(root, { recursive: true, force: true })
  })

  it('has another commit in a folder of its own until it is removed', () => {
    const { folder, commit, remove } = addWorktree(root, 'HEAD~1')
    expect(commit).toBe(git('rev-parse', 'HEAD~1'))
    expect(readFileSync(path.join(folder, 'file'), 'utf8')).toBe('old')
    writeFileSync(path.join(folder, 'built'), '')
    remove()
    expect(existsSync(path.dirname(folder))).toBe(false)
    expect(git('worktree', 'list').split('\n')).toHaveLength(1)
    expect(readFileSync(path.join(root, 'file'), 'utf8')).toBe('new')
  })

  it('refuses what is no commit', () => {
    expect(() => addWorktree(root, 'nowhere')).toThrow('nowhere')
  })
})

describe('runIn', () => {
  it('returns what was printed, and fails when the command does', async () => {
    expect(await runIn(tmpdir(), process.execPath, ['-p', '1 + 1'])).toBe('2\n')
    await expect(runIn(tmpdir(), process.execPath, ['-e', 'process.exit(3)'])).rejects.toThrow('ended with code 3')
  })
})
