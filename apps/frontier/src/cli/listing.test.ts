import { describe, expect, it } from 'vitest'

import { RecordedOutput } from '../../test/support/recorded-output.js'
import type { CliHost } from './cli-host.js'
import { everyName } from './every-name.js'
import { labelsText, writeListing } from './listing.js'

const all = Array.from({ length: 2500 }, (_, index) => index + 1)

async function list(options: { limit?: number; isJson?: boolean; columns?: number }) {
  const out = new RecordedOutput(options.columns)
  const error = new RecordedOutput()
  const sizes: number[] = []
  await writeListing<number>({ out, error } as unknown as CliHost, {
    field: 'numbers',
    columns: [{ title: 'N', align: 'right' }],
    limit: options.limit,
    isJson: options.isJson ?? false,
    async readPage(cursor, pageSize) {
      sizes.push(pageSize)
      const from = Number(cursor || '0')
      const items = all.slice(from, from + pageSize)
      return { items, nextCursor: from + pageSize < all.length ? String(from + pageSize) : '', count: BigInt(all.length) }
    },
    rowOf: (item) => [String(item)],
    jsonOf: (item) => item,
  })
  return { out: out.text, error: error.text, sizes }
}

describe('writeListing', () => {
  it('writes all pages below one line of titles', async () => {
    const { out, sizes } = await list({})
    expect(out.split('\n').map((line) => line.trim())).toEqual(['N', ...all.map(String), ''])
    expect(sizes).toEqual([1000, 1000, 1000])
  })

  it('is one JSON document', async () => {
    expect(JSON.parse((await list({ isJson: true })).out)).toEqual({ numbers: all, count: '2500' })
  })

  it('ends at the limit, and says so to people', async () => {
    const { out, error, sizes } = await list({ limit: 1001, columns: 80 })
    expect(out.trim().split('\n')).toHaveLength(1002)
    expect(sizes).toEqual([1000, 1])
    expect(error).toBe('1,001 of 2,500\n')
    expect((await list({ limit: 3 })).error).toBe('')
    expect(JSON.parse((await list({ limit: 0, isJson: true })).out)).toEqual({ numbers: [], count: '2500' })
  })
})

it('labels are in one cell, by name', () => {
  expect(labelsText({ b: '2', a: '1' })).toBe('a=1,b=2')
})

it('every name of all pages, once', async () => {
  const names = Array.from({ length: 2000 }, (_, index) => `n${String(index).padStart(4, '0')}`)
  const found = await everyName(async ({ page, pageSize }) => {
    // One came before the others meanwhile: the last of the page before is there again.
    const from = Number((page - 1n) * pageSize) - (page > 1n ? 1 : 0)
    return names.slice(from, from + Number(pageSize))
  })
  expect(found).toEqual(names)
})
