import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { caseNames } from './case-names.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

it.each(caseNames)('the README says what %s measures', (name) => {
  expect(readme).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'))
})
