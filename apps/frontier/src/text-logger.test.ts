import { describe, expect, it } from 'vitest'

import { createTextLogger, type Logger } from './text-logger.js'

function logged(use: (logger: Logger) => void, level: 'debug' | 'info' | 'warn' | 'error' = 'debug'): string[] {
  const lines: string[] = []
  use(createTextLogger(level, (line) => lines.push(line)))
  return lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, ''))
}

describe('createTextLogger', () => {
  it.each([
    ['debug', ['DEBUG a\n', 'INFO  b\n', 'WARN  c\n', 'ERROR d\n']],
    ['info', ['INFO  b\n', 'WARN  c\n', 'ERROR d\n']],
    ['warn', ['WARN  c\n', 'ERROR d\n']],
    ['error', ['ERROR d\n']],
  ] as const)('at %s', (level, lines) => {
    const use = (logger: Logger): void => {
      logger.debug('a')
      logger.info('b')
      logger.warn('c')
      logger.error('d')
    }
    expect(logged(use, level)).toEqual(lines)
  })

  it('writes fields behind the message', () => {
    const fields = { edgeId: 2n ** 63n, address: '[::1]:5000', n: 1.5, ok: true, none: null, name: 'two words', error: new Error('it broke') }
    expect(logged((logger) => logger.info(fields, 'edge online'))).toEqual([
      'INFO  edge online edgeId=9223372036854775808 address=[::1]:5000 n=1.5 ok=true none=null name="two words" error="it broke"\n',
    ])
    expect(logged((logger) => logger.warn({ labels: { site: 'a', id: 1n }, empty: '' }))).toEqual([
      'WARN   labels={"site":"a","id":"1"} empty=""\n',
    ])
  })

  it('survives what cannot be written', () => {
    const circular: { self?: unknown } = {}
    circular.self = circular
    expect(logged((logger) => logger.info({ circular, absent: undefined }, 'odd'))).toEqual(['INFO  odd circular=[object] absent=undefined\n'])
  })

  it('lets nobody begin a line or speak to the terminal', () => {
    const hostile = 'x\nERROR forged \u001b[2J\u0085\u2028'
    const [line, ...more] = logged((logger) => logger.info({ name: hostile, list: [hostile] }, hostile))
    expect(more).toEqual([])
    expect(line?.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028]/u)
  })
})
