import { describe, expect, it } from 'vitest'

import { errorCodes, type FrontierErrorCode } from '../src/index.js'
import { headingsOf, readPage, sectionOf, tableOf } from './markdown.js'

const page = readPage('errors.md')
const table = tableOf(page, 'code', 'retryable')
const codes = Object.keys(errorCodes) as FrontierErrorCode[]

describe('docs/errors.md', () => {
  it('has the table of codes that the code has, in the same order', () => {
    expect(table.map(([code]) => code)).toEqual(codes)
  })

  it.each(codes)('says of %s what the code says', (code) => {
    const { retryable, summary } = errorCodes[code]
    expect(table.find(([name]) => name === code)).toEqual([code, retryable ? 'yes' : 'no', summary])
  })

  it('has a section for every code and for nothing else, and links that lead there', () => {
    expect(headingsOf(page, '###').sort()).toEqual([...codes].sort())
    for (const code of codes) expect(page).toContain(`| [\`${code}\`](#${code.toLowerCase()}) |`)
  })

  it.each(codes)('says of %s when it comes, who makes it, whether it ran, whether to retry and what to do', (code) => {
    const section = sectionOf(page, `### ${code}`)
    for (const point of ['**When**: ', '**Origin**: ', '**Delivered**: ', '**Retry**: ', '**Do**: ']) expect(section).toContain(point)
  })

  it.each(codes)('gives %s the advice on retrying that fits its flag', (code) => {
    const advice = /\*\*Retry\*\*: (\S+)/.exec(sectionOf(page, `### ${code}`))?.[1] ?? ''
    if (/^no\b/.test(advice)) expect(errorCodes[code].retryable).toBe(false)
    if (/^yes\b/.test(advice)) expect(errorCodes[code].retryable).toBe(true)
  })
})
