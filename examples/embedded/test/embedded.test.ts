import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))

it('runs everything in one process, and ends', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main], { timeout: 20_000 })
  expect(stderr).toBe('')
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^edge \d+ came in from the kitchen$/),
    expect.stringMatching(/^the clock says \d{4}-\d\d-\d\dT.*Z$/),
    'the lamp says blinked 3 times',
    '',
  ])
})
