import { describe, expect, it } from 'vitest'

import { commandTable } from '../command-table.js'
import { flagsOf } from './command.js'
import { helpOf } from './help.js'
import { parseCommand } from './parse-command.js'

const named = commandTable.map((command) => [command.path.join(' '), command] as const)

describe.each(named)('frontier %s', (name, command) => {
  it('has a help with all it takes, at most 110 columns wide', () => {
    const help = helpOf(commandTable, command.path)
    for (const { name: flag } of flagsOf(command)) expect(help).toContain(`--${flag}`)
    for (const { name: positional } of command.positionals ?? []) expect(help).toContain(positional)
    expect(help).toContain('Exit codes:')
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(110)
  })

  it('has examples that can be typed', () => {
    for (const [line] of command.examples) {
      const args = /frontier ([^|<>]*)/.exec(line)![1]!.replace(/\)$/, '').trim()
      const words = (args.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^["'](.*)["']$/, '$1'))
      expect(parseCommand(commandTable, words)).toMatchObject({ kind: 'run', command })
    }
  })

  it('says everything once, in one line, without a full stop', () => {
    const names = flagsOf(command).flatMap((flag) => [flag.name, ...(flag.short === undefined ? [] : [flag.short])])
    expect(new Set(names).size).toBe(names.length)
    for (const { summary } of [command, ...flagsOf(command), ...(command.positionals ?? [])]) expect(summary).not.toMatch(/\.$|\n/)
    for (const flag of flagsOf(command)) expect(flag.kind === 'switch', `${name} --${flag.name}`).toBe(flag.placeholder === undefined)
  })
})

it('a group lists its commands', () => {
  const help = helpOf(commandTable, ['services'])
  expect(help).toContain('services ls')
  expect(help).not.toContain('edges ls')
})
