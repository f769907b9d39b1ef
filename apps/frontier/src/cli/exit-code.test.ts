import { errorCodes } from '@frontier/wire'
import { expect, it } from 'vitest'

import { exitCodeOf, exitCodes } from './exit-code.js'

it('every error has an exit code that is told of, and none is success', () => {
  expect(Object.keys(exitCodeOf).sort()).toEqual(Object.keys(errorCodes).sort())
  for (const code of Object.values(exitCodeOf)) {
    expect(Object.values(exitCodes)).toContain(code)
    expect(code).not.toBe(exitCodes.done)
  }
})
