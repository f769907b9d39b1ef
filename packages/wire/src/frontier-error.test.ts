import { describe, expect, it, vi } from 'vitest'

import { errorCodes, isErrorCode, type FrontierErrorCode } from './error-codes.js'
import { FrontierError, isFrontierError, toFrontierError } from './frontier-error.js'

/** The module once more, as a second copy of the package in one process has it. */
async function anotherCopy() {
  vi.resetModules()
  return import('./frontier-error.js')
}

describe('FrontierError', () => {
  it.each(Object.keys(errorCodes) as FrontierErrorCode[])('%s: the message begins with the code', (code) => {
    const error = new FrontierError(code, 'why')
    expect(error.message).toBe(`${code}: why`)
    expect(error.reason).toBe('why')
    expect(error.code).toBe(code)
    expect(error.retryable).toBe(errorCodes[code].retryable)
  })

  it('is an Error with a name and a stack', () => {
    const error = new FrontierError('EOF', 'gone')
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('FrontierError')
    expect(String(error)).toBe('FrontierError: EOF: gone')
    expect(error.stack).toContain('frontier-error.test')
  })

  it('is made here and surely did not run, unless details say otherwise', () => {
    expect(new FrontierError('EOF', '')).toMatchObject({ delivered: 'no', origin: 'local', retryable: true, reason: '' })
    expect(new FrontierError('EOF', '', { delivered: 'maybe', origin: 'peer', retryable: false })).toMatchObject({
      delivered: 'maybe',
      origin: 'peer',
      retryable: false,
    })
  })

  it('has a cause only when there is one', () => {
    const cause = new Error('root')
    expect(new FrontierError('EOF', '', { cause }).cause).toBe(cause)
    expect('cause' in new FrontierError('EOF', '')).toBe(false)
  })
})

describe('isFrontierError and instanceof', () => {
  it('hold across copies of the package, both ways', async () => {
    const copy = await anotherCopy()
    expect(copy.FrontierError).not.toBe(FrontierError)
    const [ours, theirs] = [new FrontierError('EOF', ''), new copy.FrontierError('EOF', '')]
    for (const error of [ours, theirs]) {
      expect(isFrontierError(error)).toBe(true)
      expect(copy.isFrontierError(error)).toBe(true)
      expect(error).toBeInstanceOf(FrontierError)
      expect(error).toBeInstanceOf(copy.FrontierError)
    }
    expect(toFrontierError(theirs, 'REMOTE_ERROR')).toBe(theirs)
  })

  it.each([undefined, null, 'EOF', 1, {}, new Error('EOF: x'), { code: 'EOF', name: 'FrontierError' }])('are false for %s', (value) => {
    expect(isFrontierError(value)).toBe(false)
    expect(value instanceof FrontierError).toBe(false)
  })

  it('do not make every error one of a subclass', () => {
    class MyError extends FrontierError {}
    expect(new FrontierError('EOF', '') instanceof MyError).toBe(false)
    expect(new MyError('EOF', '') instanceof MyError).toBe(true)
    expect(new MyError('EOF', '') instanceof FrontierError).toBe(true)
  })

  it('show in no listing of keys', () => {
    expect(Object.keys(new FrontierError('EOF', ''))).not.toContain('@frontier/FrontierError')
    expect(JSON.parse(JSON.stringify(new FrontierError('EOF', 'x')))).toMatchObject({ code: 'EOF', retryable: true, delivered: 'no', origin: 'local' })
  })
})

describe('toFrontierError', () => {
  it('keeps what is one already', () => {
    const error = new FrontierError('TIMEOUT', 'late')
    expect(toFrontierError(error, 'REMOTE_ERROR')).toBe(error)
  })

  it('takes text and cause from another error', () => {
    const cause = new TypeError('bad type')
    expect(toFrontierError(cause, 'REMOTE_ERROR', { origin: 'peer' })).toMatchObject({ message: 'REMOTE_ERROR: bad type', cause, origin: 'peer' })
  })

  it.each([
    ['text', 'text'],
    [undefined, 'undefined'],
    [7, '7'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'a value that has no text'],
    [{ toString: () => { throw new Error('no') } }, 'a value that has no text'],
  ])('makes an error of anything that can be thrown', (thrown: unknown, reason) => {
    expect(toFrontierError(thrown, 'REMOTE_ERROR').reason).toBe(reason)
  })
})

describe('isErrorCode', () => {
  it.each(['EOF', 'KICKED'])('knows %s', (code) => {
    expect(isErrorCode(code)).toBe(true)
  })

  it.each(['', 'eof', 'constructor', '__proto__', 'toString'])('does not know %j', (code) => {
    expect(isErrorCode(code)).toBe(false)
  })
})
