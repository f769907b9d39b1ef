import { describe, expect, it } from 'vitest'

import * as wire from '../src/index.js'
import { decodeError, encodeFrame, Flag, FrameType, parseBody, RESERVED_METHODS, splitBody, utf8 } from '../src/index.js'
import { decodeAll, oneByOne } from './decode-all.js'
import { headingsOf, readPage, sectionOf, tableOf } from './markdown.js'
import { concat, type ControlFrame, type Frame } from './reference-codec.js'
import { fromHex } from './vectors.js'

const page = readPage('protocol.md')

function numberIn(cell: string | undefined): number {
  return Number((cell ?? '').replaceAll(',', ''))
}

function numbersOf(firstColumn: string, section: string): Record<string, number> {
  return Object.fromEntries(tableOf(sectionOf(page, section), firstColumn).map(([name, value]) => [name, numberIn(value)]))
}

describe('the tables of docs/protocol.md', () => {
  it('have the types of the code', () => {
    expect(numbersOf('type', '## 2. Control frames')).toEqual(FrameType)
  })

  it('have the flags of the code', () => {
    expect(numbersOf('flag', '## 2. Control frames')).toEqual(Flag)
  })

  it('have all numbers of the code, and no others', () => {
    const numbers = Object.entries(wire).filter(([name, value]) => /^[A-Z_]+$/.test(name) && typeof value === 'number')
    expect(numbersOf('name', '## 11. Numbers')).toEqual(Object.fromEntries(numbers))
  })

  it('have the reserved names of the code', () => {
    const names = tableOf(sectionOf(page, '## 4. Requests'), 'method').flatMap(([cell]) => [...(cell ?? '').matchAll(/[a-z_]+/g)].map(String))
    expect(names).toEqual(RESERVED_METHODS)
    expect(sectionOf(page, '## 4. Requests')).toContain('The names `get_edge_id`, `edge_online` and `edge_offline` are reserved')
  })

  it('have a layout of the header that adds up', () => {
    const rows = [...sectionOf(page, '## 2. Control frames').matchAll(/^ +(\d+) +(\d+) {2}\S/gm)].map(([, offset, size]) => [Number(offset), Number(size)])
    const layout = rows.map(([offset]) => offset)
    expect(rows.reduce((sum, [, size]) => sum + size!, 0)).toBe(wire.HEADER_BYTES + wire.TRACE_BYTES)
    expect(rows.slice(1).map(([offset]) => offset)).toEqual(rows.slice(0, -1).map(([offset, size]) => offset! + size!))
    const bytes = encodeFrame({ type: 0xaa, flags: 0xbb00, id: 0xcccc_cccc, budgetMs: 0xdddd_dddd, peer: 0xeeee_eeee_eeee_eeeen, trace: new Uint8Array(26).fill(0x99) })
    expect(layout.map((offset) => bytes[offset!])).toEqual([0xf1, 0xaa, 0xbb, 0, 0xcc, 0xdd, 0xee, 0x99])
  })
})

describe('the limits in the sentences of docs/protocol.md', () => {
  it.each([
    ['A key has at most\n1,024 bytes', wire.MAX_KEY_BYTES],
    ['header included: 32,768', wire.DEFAULT_MAX_FRAME_BYTES],
    ['a sender cuts them at 4,096', wire.MAX_REASON_BYTES],
    ['body: at most 64', wire.MAX_PING_BYTES],
    ['are at most 256 KiB', wire.MAX_HELLO_BYTES / 1024],
    ['`maxFrameBytes` [32768]', wire.DEFAULT_MAX_FRAME_BYTES],
    ['`maxPayloadBytes` [16777216]', wire.DEFAULT_MAX_PAYLOAD_BYTES],
    ['or above 1 MiB', wire.LARGEST_MAX_FRAME_BYTES / 1024 / 1024],
    ['has the version it speaks in `id` (1)', wire.PROTOCOL_VERSION],
  ])('%s', (sentence, value) => {
    expect(page).toContain(sentence)
    expect(sentence.match(/[\d,]+/g)?.map(numberIn)).toContain(value)
  })
})

/** What each example must decode to, in a few words per frame. */
const examples: Record<string, string[]> = {
  HELLO: ['HELLO id=1 meta=m1 data={"role":"edge","methods":["echo"]}'],
  WELCOME: [
    'WELCOME id=1 peer=7 data={"generation":"1","resume":"r1","resumed":false,"pingIntervalMs":30000,"maxFrameBytes":32768,"maxPayloadBytes":16777216,"maxInFlight":4096,"gateway":"g1"}',
  ],
  CALL: ['CALL TRACE id=1 budget=30000 key=echo data=hi'],
  ANSWER: ['ANSWER id=1 data=hi'],
  'An ANSWER that is an error': ['ANSWER ERROR RETRYABLE GATEWAY id=2 key=RPC_NOT_ONLINE data=no echo'],
  'Two fragments': ['CALL MORE id=3 budget=30000 key=echo data=ab', 'CALL CONT id=3 body=cd'],
  'OPEN and ACCEPT': ['OPEN id=1 budget=10000 key=shell meta=tty1', 'ACCEPT id=1'],
  'First frames of a stream': ['yamux 1 flags=1 id=1 length=0', 'yamux 1 flags=2 id=1 length=0', 'yamux 0 flags=0 id=1 length=29: DATA body=hello'],
  'Half-close and reset': ['yamux 0 flags=0 id=1 length=24: END', 'STREAM_RESET id=1 key=STREAM_RESET data=full', 'yamux 1 flags=8 id=1 length=0'],
  'PING and PONG': ['PING id=5', 'PONG id=5'],
  GOODBYE: ['GOODBYE GATEWAY DRAIN budget=30000 key=DRAINING'],
}

function describeFrame(frame: Frame): string {
  if (frame.lane === 'stream') {
    const inner = decodeAll([frame.data.slice()]).frames.map(describeFrame).join(', ')
    return `yamux ${frame.type} flags=${frame.flags} id=${frame.id} length=${frame.length}${inner === '' ? '' : `: ${inner}`}`
  }
  const { type, id, budgetMs, peer, trace } = frame
  const flags = trace === undefined ? frame.flags : frame.flags | Flag.TRACE
  const names = Object.entries(Flag).filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name)
  const words = [Object.entries(FrameType).find(([, value]) => value === type)?.[0] ?? String(type), ...names]
  if (id !== 0) words.push(`id=${id}`)
  if (budgetMs !== wire.NO_BUDGET) words.push(`budget=${budgetMs}`)
  if (peer !== 0n) words.push(`peer=${peer}`)
  return [...words, ...bodyWords(frame, (flags & Flag.CONT) !== 0)].join(' ')
}

function bodyWords({ type, body }: ControlFrame, isContinued: boolean): string[] {
  if (body.length === 0) return []
  if (isContinued || type >= FrameType.DATA) return [`body=${utf8(body)}`]
  return Object.entries(splitBody(body)).filter(([, part]) => part.length > 0).map(([name, part]) => `${name}=${utf8(part)}`)
}

function exampleBytes(title: string): Uint8Array {
  const blocks = [...sectionOf(page, `### ${title}`).matchAll(/```hex\n([^`]*)```/g)].map(([, text]) => text ?? '')
  const lines = blocks.join('').split('\n').map((line) => line.replace(/#.*/, ''))
  return concat(...lines.map(fromHex))
}

describe('the examples of docs/protocol.md', () => {
  it('are all here', () => {
    expect(headingsOf(sectionOf(page, '## 12. Examples'), '###')).toEqual(Object.keys(examples))
    expect(page.match(/```hex/g)).toHaveLength(Object.keys(examples).length)
  })

  it.each(Object.entries(examples))('%s', (title, expected) => {
    const bytes = exampleBytes(title)
    for (const chunks of [[bytes.slice()], oneByOne(bytes)]) {
      const decoded = decodeAll(chunks)
      expect(decoded.frames.map(describeFrame)).toEqual(expected)
      expect(decoded.left).toBe(0)
      expect(decoded.error).toBeUndefined()
    }
  })

  it('have payloads that are JSON with the fields of section 3', () => {
    for (const [title, place] of [['HELLO', 0], ['WELCOME', 1]] as const) {
      const bytes = exampleBytes(title)
      const fields = Object.keys(JSON.parse(utf8(parseBody(bytes, 0, bytes.length).data)) as object)
      const tables = sectionOf(page, '## 3. Handshake').split('The gateway answers with a WELCOME')
      const known = tableOf(tables[place]!, 'field').flatMap(([cell]) => [...(cell ?? '').matchAll(/[A-Za-z]+/g)].map(String))
      expect(known).toEqual(expect.arrayContaining(fields))
    }
  })

  it('have an error that reads as the text says', () => {
    const bytes = exampleBytes('An ANSWER that is an error')
    expect(decodeError(bytes, 0, bytes.length)).toMatchObject({ code: 'RPC_NOT_ONLINE', reason: 'no echo', delivered: 'no', retryable: true, origin: 'gateway' })
  })
})
