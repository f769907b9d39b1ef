import { describe, expect, it } from 'vitest'

import { commandTable } from '../command-table.js'
import { isCommandLine } from './leading-flags.js'
import { parseCommand } from './parse-command.js'

const parse = (...args: string[]) => parseCommand(commandTable, args)

function run(...args: string[]) {
  const request = parse(...args)
  if (request.kind !== 'run') throw new Error('help')
  return request
}

describe('parseCommand', () => {
  it('finds the command, with flags of the gateway before and behind it', () => {
    for (const args of [
      ['edges', 'get', '42', '--context', 'prod', '--json'],
      ['--context', 'prod', '--json', 'edges', 'get', '42'],
      ['--context=prod', 'edges', 'get', '--json', '42'],
    ]) {
      const { command, input } = run(...args)
      expect(command.path).toEqual(['edges', 'get'])
      expect(input.id('EDGE')).toBe(42n)
      expect(input.text('context')).toBe('prod')
      expect(input.isSet('json')).toBe(true)
    }
  })

  it('reads values as what they are', () => {
    const { input } = run('edges', 'ls', '--label', 'a=b', '--label', 'c==d', '--limit=5', '--order', '-online_at', '--since', '2026-11-22T08:00:00.5Z', '--timeout', '1m30s')
    expect(input.labels('label')).toEqual({ a: 'b', c: '=d' })
    expect(input.number('limit')).toBe(5)
    expect(input.text('order')).toBe('-online_at')
    expect(input.time('since')).toEqual({ seconds: 1795334400n, nanos: 500_000_000 })
    expect(input.number('timeout')).toBe(90_000)
    expect(input.isSet('meta')).toBe(false)
    expect(input.text('meta')).toBeUndefined()
    expect(input.time('until')).toBeUndefined()
  })

  it('keeps ids above 2^53, stdin, and text that begins with a dash', () => {
    expect(run('edges', 'get', '18446744073709551615').input.id('EDGE')).toBe(18446744073709551615n)
    expect(run('call', '1', 'm', '-').input.text('DATA')).toBe('-')
    expect(run('call', '1', 'm', '--', '--json').input).toMatchObject({})
    expect(run('call', '1', 'm', '--', '--json').input.text('DATA')).toBe('--json')
    expect(run('call', '1', 'm', '--', '--json').input.isSet('json')).toBe(false)
    expect(run('bench', '-c', '3').input.number('concurrency')).toBe(3)
  })

  it.each([
    [['edges', 'ls', '--help'], ['edges', 'ls']],
    [['edges', 'ls', '--nonsense', '-h'], undefined],
    [['edges', 'get', '-h'], ['edges', 'get']],
    [['edges', '--help'], ['edges']],
    [['help'], []],
    [['help', 'edges', 'ban'], ['edges', 'ban']],
    [['--context', 'x', 'help', 'call'], ['call']],
  ])('help: %j', (args, words) => {
    if (words === undefined) expect(() => parse(...args)).toThrow('unknown flag --nonsense')
    else expect(parse(...args)).toEqual({ kind: 'help', words })
  })

  it.each([
    [['bogus'], 'unknown command "bogus"; see frontier --help'],
    [['--context', 'x'], 'a command is missing; see frontier --help'],
    [['--json'], 'a command is missing; see frontier --help'],
    [['help', 'nope'], 'unknown command "nope"; see frontier --help'],
    [['edges'], 'frontier edges needs one of ls, get, kick, ban, unban, bans; see frontier edges --help'],
    [['services', 'block'], 'frontier services needs one of ls, get, kick, ban, unban, bans, not "block"; see frontier services --help'],
    [['edges', 'get'], 'EDGE is missing; see frontier edges get --help'],
    [['edges', 'get', '1', '2'], 'unexpected argument "2"; see frontier edges get --help'],
    [['edges', 'get', '0'], 'EDGE must be an id, 1 to 18446744073709551615, not "0"; see frontier edges get --help'],
    [['edges', 'get', '18446744073709551616'], 'EDGE must be an id, 1 to 18446744073709551615, not "18446744073709551616"; see frontier edges get --help'],
    [['edges', 'ls', '--bogus'], 'unknown flag --bogus; see frontier edges ls --help'],
    [['edges', 'ls', '--constructor'], 'unknown flag --constructor; see frontier edges ls --help'],
    [['edges', 'ls', '--meta'], 'flag --meta needs a value; see frontier edges ls --help'],
    [['edges', 'ls', '--meta', '--json'], 'flag --meta needs a value; see frontier edges ls --help'],
    [['edges', 'ls', '--json=yes'], 'flag --json takes no value; see frontier edges ls --help'],
    [['edges', 'ls', '--meta', 'a', '--meta', 'b'], 'flag --meta is there twice; see frontier edges ls --help'],
    [['edges', 'ls', '--label', 'x'], 'flag --label must be name=value, not "x"; see frontier edges ls --help'],
    [['edges', 'ls', '--limit', '-1'], 'flag --limit must be a whole number, not "-1"; see frontier edges ls --help'],
    [['edges', 'ls', '--since', 'yesterday'], 'flag --since must be a moment as 2026-11-22T08:00:00Z, or how long ago as 10m, not "yesterday"; see frontier edges ls --help'],
    [['ping', '--timeout', '5'], 'flag --timeout must be a duration as 500ms, 10s, 5m, 2h or 7d, not "5"; see frontier ping --help'],
    [['bench', 'nothing'], 'WORKLOAD must be one of calls, messages, streams, idle, not "nothing"; see frontier bench --help'],
    [['bench', '--size', '1x'], 'flag --size must be a size as 64, 16k or 1M, not "1x"; see frontier bench --help'],
    [['context', 'ls', '--address', 'x'], 'unknown flag --address; see frontier context ls --help'],
  ])('refuses %j', (args, reason) => {
    expect(() => parse(...args)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', reason }))
  })
})

describe('isCommandLine', () => {
  it.each([
    [[], false],
    [['--config', 'edges'], false],
    [['--loglevel', 'debug'], false],
    [['--help'], false],
    [['-v', '4'], false],
    [['edges', 'ls'], true],
    [['bogus'], true],
    [['--context', 'x', 'edges', 'ls'], true],
    [['--json', 'stats'], true],
    [['--address=host'], true],
    [['--'], false],
    [[''], false],
  ])('%j: %s', (args, is) => {
    expect(isCommandLine(args)).toBe(is)
  })
})
