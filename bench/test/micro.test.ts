// Does everything of the micro bench once, from dist/: it measures nothing.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../micro/dist/main.js', import.meta.url))
const run = promisify(execFile)

it('the micro bench still runs', async () => {
  const { stdout } = await run(process.execPath, [MAIN, '--tiny'])
  expect(Number(/^(\d+) things done once\n$/.exec(stdout)?.[1])).toBeGreaterThan(30)
})

it('the micro bench does what it is asked for', async () => {
  const { stdout } = await run(process.execPath, [MAIN, '--tiny', '--only', 'find a route'])
  expect(stdout).toBe('3 things done once\n')
})
