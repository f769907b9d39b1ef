import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { expect, it } from 'vitest'

import { referenceText } from '../src/cli/reference.js'
import { commandTable } from '../src/command-table.js'

it('docs/cli.md says what the table of commands says; if not: npm run cli-reference', async () => {
  const page = await readFile(path.resolve(import.meta.dirname, '../../../docs/cli.md'), 'utf8')
  expect(page.slice(page.indexOf('## Exit codes'))).toBe(referenceText(commandTable))
})
