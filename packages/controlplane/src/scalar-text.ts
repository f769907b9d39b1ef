import { ScalarType } from '@bufbuild/protobuf'
import { FrontierError } from '@frontier/wire'

/** A value in a query or a path. */
export type ScalarValue = string | number | bigint | boolean | Uint8Array

/** Longest piece of a bad value that a message repeats. */
const MAX_QUOTED = 100

const truths: Readonly<Record<string, boolean>> = { '1': true, t: true, true: true, '0': false, f: false, false: false }

/**
 * Reads `text` as a field of that type. @throws INVALID_ARGUMENT in the words of the family's first member, which clients may look for:
 * `parsing field "page": strconv.ParseInt: parsing "abc": invalid syntax`.
 */
export function parseScalar(type: ScalarType, text: string, field: string): ScalarValue {
  switch (type) {
    case ScalarType.STRING:
      return text
    case ScalarType.BOOL: {
      const truth = truths[text.toLowerCase()]
      if (truth === undefined) throw unreadable(field, 'ParseBool', text, 'invalid syntax')
      return truth
    }
    case ScalarType.BYTES:
      if (!/^[\w+/-]*={0,2}$/.test(text)) throw new FrontierError('INVALID_ARGUMENT', `parsing field ${quote(field)}: not base64`)
      return Buffer.from(text, 'base64')
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT: {
      const value = Number(text)
      if (text.trim() === '' || Number.isNaN(value)) throw unreadable(field, 'ParseFloat', text, 'invalid syntax')
      return value
    }
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return Number(parseInteger(field, text, { isSigned: false, bits: 32n }))
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return Number(parseInteger(field, text, { isSigned: true, bits: 32n }))
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return parseInteger(field, text, { isSigned: false, bits: 64n })
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return parseInteger(field, text, { isSigned: true, bits: 64n })
  }
}

function parseInteger(field: string, text: string, { isSigned, bits }: { isSigned: boolean; bits: bigint }): bigint {
  const name = isSigned ? 'ParseInt' : 'ParseUint'
  if (!(isSigned ? /^[+-]?\d+$/ : /^\d+$/).test(text)) throw unreadable(field, name, text, 'invalid syntax')
  // A number of any length would be read; this one cannot fit whatever its digits are.
  const isHuge = text.length > 1000
  const value = isHuge ? 0n : BigInt(text.replace(/^\+/, ''))
  const fits = isSigned ? BigInt.asIntN(Number(bits), value) === value : BigInt.asUintN(Number(bits), value) === value
  if (isHuge || !fits) throw unreadable(field, name, text, 'value out of range')
  return value
}

function unreadable(field: string, parser: string, text: string, why: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', `parsing field ${quote(field)}: strconv.${parser}: parsing ${quote(text)}: ${why}`)
}

function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text)
}
