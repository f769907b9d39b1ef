import { FrontierError, parseId } from '@frontier/wire'

import type { ValueKind } from './command.js'
import { parseDuration } from './moment.js'

/** A value as it was written, and what it means to its kind. */
export interface ReadValue {
  readonly text: string
  readonly number?: number
  readonly id?: bigint
}

const sizes = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const

/** Reads `text` as a value of `kind`; `what` names it in the error. @throws INVALID_ARGUMENT when it is none. */
export function readValue({ kind, choices }: { kind: ValueKind; choices?: readonly string[] }, text: string, what: string): ReadValue {
  const fail = (expected: string): never => {
    throw new FrontierError('INVALID_ARGUMENT', `${what} must be ${expected}, not ${JSON.stringify(text)}`)
  }
  switch (kind) {
    case 'switch':
    case 'text':
      return { text }
    case 'file':
      return text === '' ? fail('the name of a file') : { text }
    case 'id':
      return { text, id: parseId(text) ?? fail('an id, 1 to 18446744073709551615') }
    case 'integer':
      return /^\d{1,15}$/.test(text) ? { text, number: Number(text) } : fail('a whole number')
    case 'size': {
      const match = /^(\d{1,9})(?:([kmg])i?)?b?$/i.exec(text)
      if (match === null) return fail('a size as 64, 16k or 1M')
      return { text, number: Number(match[1]) * sizes[(match[2] ?? '').toLowerCase() as keyof typeof sizes] }
    }
    case 'duration':
      return { text, number: parseDuration(text) ?? fail('a duration as 500ms, 10s, 5m, 2h or 7d') }
    case 'time': {
      const ago = parseDuration(text)
      const number = ago === undefined ? Date.parse(text) : Date.now() - ago
      return Number.isFinite(number) ? { text, number } : fail('a moment as 2026-11-22T08:00:00Z, or how long ago as 10m')
    }
    case 'label':
      return text.indexOf('=') > 0 ? { text } : fail('name=value')
    case 'choice':
      return choices?.includes(text) === true ? { text } : fail(`one of ${choices?.join(', ') ?? ''}`)
  }
}
