import { readFileSync } from 'node:fs'
import path from 'node:path'

import { expect, test } from 'vitest'

const lockfile = readFileSync(path.resolve(import.meta.dirname, '../pnpm-lock.yaml'), 'utf8')

test('the lockfile names no host: whoever installs uses the registry of their own', () => {
  const lines = lockfile.split('\n').filter((line) => /https?:\/\/|tarball:/.test(line))
  expect(lines.filter((line) => !/deprecated:/.test(line))).toEqual([])
})
