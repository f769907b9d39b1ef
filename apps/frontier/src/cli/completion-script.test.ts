import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { commandTable } from '../command-table.js'
import { flagsOf } from './command.js'
import { completionScript } from './completion-script.js'

const exec = promisify(execFile)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'frontier-completion-'))
  await writeFile(path.join(folder, 'frontier'), '#!/bin/sh\nprintf "prod\\nlocal\\n"\n', { mode: 0o755 })
  await writeFile(path.join(folder, 'ca.pem'), '')
  for (const shell of ['bash', 'zsh', 'fish'] as const) await writeFile(path.join(folder, shell), completionScript(commandTable, shell))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const env = (): NodeJS.ProcessEnv => ({ PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}`, HOME: folder, TERM: 'dumb' })

async function bash(...words: string[]): Promise<string[]> {
  const script = `source ./bash; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _frontier; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = await exec('bash', ['--norc', '--noprofile', '-c', script], { cwd: folder, env: env() })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((line) => line !== '')
}

async function fish(line: string): Promise<string[]> {
  const { stdout, stderr } = await exec('fish', ['--no-config', '-c', `source ./fish; complete -C '${line}'`], { cwd: folder, env: env() })
  expect(stderr).toBe('')
  return stdout.split('\n').flatMap((found) => found.split('\t')[0] || [])
}

/** What zsh is left to choose from, noted where the script hands it over. */
async function zsh(...typed: string[]): Promise<string[]> {
  const script = `compdef() { :; }; _files() { echo FILES; }; _describe() { printf '%s\\n' "\${offers[@]%%:*}"; }
    compadd() { if [[ $1 == -a ]]; then printf '%s\\n' "\${offers[@]}"; else shift; printf '%s\\n' "$@"; fi; }
    source ./zsh; words=(${typed.map((word) => `'${word}'`).join(' ')}); CURRENT=\${#words}; _frontier`
  const { stdout, stderr } = await exec('zsh', ['-f', '-c', script], { cwd: folder, env: env() })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((line) => line !== '')
}

const has = async (shell: string): Promise<boolean> => exec(shell, ['--version']).then(() => true, () => false)
const [hasFish, hasZsh] = await Promise.all([has('fish'), has('zsh')])

describe('the script for bash', () => {
  it('offers the words of commands', async () => {
    expect(await bash('frontier', '')).toEqual([...new Set(commandTable.map(({ path: [word] }) => word)), 'help'])
    expect(await bash('frontier', 'edges', '')).toEqual(['ls', 'get', 'kick', 'ban', 'unban', 'bans'])
    expect(await bash('frontier', 'services', '')).toEqual(['ls', 'get', 'kick', 'ban', 'unban', 'bans'])
    expect(await bash('frontier', '--context', 'prod', 'edges', 'un')).toEqual(['unban'])
    expect(await bash('frontier', 'cal')).toEqual(['call'])
  })

  it('offers the flags of the command', async () => {
    for (const command of commandTable) {
      expect(await bash('frontier', ...command.path, '--')).toEqual(flagsOf(command).map(({ name }) => `--${name}`))
    }
  })

  it('offers what a value may be', async () => {
    expect(await bash('frontier', 'events', '--type', 're')).toEqual(['refusal', 'register'])
    expect(await bash('frontier', 'bench', '')).toEqual(['calls', 'messages', 'streams', 'idle'])
    expect(await bash('frontier', 'bench', 'idle', '')).toEqual([])
    expect(await bash('frontier', 'edges', 'ls', '--context', '')).toEqual(['prod', 'local'])
    expect(await bash('frontier', 'context', 'use', 'p')).toEqual(['prod'])
    expect(await bash('frontier', 'stats', '--ca', 'ca')).toEqual(['ca.pem'])
    expect(await bash('frontier', 'edges', 'ls', '--meta', '')).toEqual([])
    expect(await bash('frontier', 'edges', 'ls', '--meta', 'x', '--js')).toEqual(['--json'])
  })
})

describe('the scripts for zsh and fish', () => {
  it('name every command and flag', async () => {
    for (const shell of ['zsh', 'fish'] as const) {
      const script = completionScript(commandTable, shell)
      for (const command of commandTable) {
        expect(script).toContain(command.path.at(-1))
        for (const { name } of flagsOf(command)) expect(script).toContain(shell === 'zsh' ? `--${name}:` : `-l ${name}`)
      }
    }
  })

  it.skipIf(!hasFish)('fish offers them (needs fish)', async () => {
    expect((await fish('frontier ')).sort()).toEqual([...new Set(commandTable.map(({ path: [word] }) => word)), 'help'].sort())
    expect((await fish('frontier edges ')).sort()).toEqual(['ban', 'bans', 'get', 'kick', 'ls', 'unban'])
    expect(await fish('frontier events --type re')).toEqual(expect.arrayContaining(['refusal', 'register']))
    expect(await fish('frontier --context prod context use p')).toEqual(['prod'])
    expect(await fish('frontier edges ls --lab')).toEqual(['--label'])
    expect((await fish('frontier bench ')).sort()).toEqual(['calls', 'idle', 'messages', 'streams'])
    expect(await fish('frontier bench idle ')).toEqual([])
  })

  it.skipIf(!hasZsh)('zsh offers them (needs zsh)', async () => {
    expect(await zsh('frontier', '')).toEqual([...new Set(commandTable.map(({ path: [word] }) => word)), 'help'])
    expect(await zsh('frontier', 'edges', '')).toEqual(['ls', 'get', 'kick', 'ban', 'unban', 'bans'])
    expect(await zsh('frontier', 'events', '--type', '')).toEqual(['online', 'offline', 'kick', 'refusal', 'register', 'unregister'])
    expect(await zsh('frontier', '--context', 'x', 'context', 'use', '')).toEqual(['prod', 'local'])
    expect(await zsh('frontier', 'stats', '--ca', '')).toEqual(['FILES'])
    expect(await zsh('frontier', 'bench', '')).toEqual(['calls', 'messages', 'streams', 'idle'])
    expect(await zsh('frontier', 'edges', 'ls', '--')).toContain('--label')
  })
})
