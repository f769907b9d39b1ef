import { describe, expect, it } from 'vitest'

import { parseCommandLine, usage } from './command-line.js'

const serve = (config?: string, loglevel?: string) => ({ kind: 'serve', config, loglevel })

describe('parseCommandLine', () => {
  it.each([
    [[], serve()],
    [['--config', 'a.yaml'], serve('a.yaml')],
    [['--config=a.yaml', '--loglevel', 'debug'], serve('a.yaml', 'debug')],
    [['--config', 'a', '--config', 'b'], serve('b')],
    [['--config=-odd-name'], serve('-odd-name')],
    [['-v', '4', '--config', 'a'], serve('a')],
    [['-v4'], serve()],
    [['-v=4'], serve()],
    [['-v', '4'], serve()],
    [['--help'], { kind: 'help' }],
    [['-h'], { kind: 'help' }],
    [['--version'], { kind: 'version' }],
    [['--version', '--help'], { kind: 'help' }],
  ])('%j', (args, command) => {
    expect(parseCommandLine(args)).toEqual(command)
  })

  it.each([
    [['--bogus'], 'unknown flag --bogus'],
    [['-x'], 'unknown flag -x'],
    [['--constructor'], 'unknown flag --constructor'],
    [['--config'], 'flag --config needs a value'],
    [['--config='], 'flag --config needs a value'],
    [['--config', '--loglevel', 'info'], 'flag --config needs a value'],
    [['--help=no'], 'flag --help takes no value'],
    [['start'], 'unexpected argument "start"'],
    [['--', 'start'], 'unexpected argument "start"'],
  ])('refuses %j', (args, problem) => {
    expect(() => parseCommandLine(args)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: `${problem}; see frontier --help` }),
    )
  })

  it('tells of every flag in the usage', () => {
    for (const flag of ['--config', '--loglevel', '--help', '--version']) expect(usage).toContain(flag)
  })
})
