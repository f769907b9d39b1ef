import { describe, expect, it } from 'vitest'

import { RecordedOutput } from '../../test/support/recorded-output.js'
import { Table, writeFields } from './table.js'

const columns = [{ title: 'ID', align: 'right' }, { title: 'NAME', isFlexible: true }, { title: 'SINCE' }] as const

describe('Table', () => {
  it('is aligned and whole in a pipe, with - for nothing', async () => {
    const out = new RecordedOutput()
    const long = 'x'.repeat(200)
    await new Table(out, columns).write([
      ['1', long, 'now'],
      ['1000', '', 'then'],
    ])
    expect(out.text).toBe(`  ID  NAME${' '.repeat(196)}  SINCE\n   1  ${long}  now\n1000  -${' '.repeat(199)}  then\n`)
  })

  it('is no wider than the terminal: the flexible columns give way', async () => {
    const out = new RecordedOutput(24)
    await new Table(out, columns).write([['1000', 'a name of many words', '10:00:00']])
    expect(out.text).toBe('  ID  NAME      SINCE\n1000  a name …  10:00:00\n')
    for (const line of out.text.split('\n')) expect(line.length).toBeLessThanOrEqual(24)
  })

  it('cuts the line when even that is too wide', async () => {
    const out = new RecordedOutput(10)
    await new Table(out, columns).write([['1000', 'a name of many words', '10:00:00']])
    for (const line of out.text.split('\n')) expect(line.length).toBeLessThanOrEqual(10)
  })

  it('goes on with the widths it began with', async () => {
    const out = new RecordedOutput()
    const table = new Table(out, [{ title: 'A' }, { title: 'B' }])
    await table.write([['1', '2']])
    await table.write([['longer', '3']])
    expect(out.text).toBe('A  B\n1  2\nlonger  3\n')
  })

  it('has its titles when there are no rows', async () => {
    const out = new RecordedOutput()
    await new Table(out, [{ title: 'A' }]).write([])
    expect(out.text).toBe('A\n')
  })

  it('lets no cell begin a line', async () => {
    const out = new RecordedOutput(80)
    await new Table(out, [{ title: 'A' }]).write([['x\ny\u001b[2J']])
    expect(out.text).toBe('A\nx\\u000ay\\u001b[2J\n')
  })
})

describe('writeFields', () => {
  it('aligns values', async () => {
    const out = new RecordedOutput()
    await writeFields(out, [['a', '1'], ['longer', '']])
    expect(out.text).toBe('a       1\nlonger  -\n')
  })
})
