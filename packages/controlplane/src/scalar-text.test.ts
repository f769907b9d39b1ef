import { ScalarType } from '@bufbuild/protobuf'
import { expect, it } from 'vitest'

import { parseScalar } from './scalar-text.js'

it.each([
  [ScalarType.UINT64, '18446744073709551615', 2n ** 64n - 1n],
  [ScalarType.UINT64, '007', 7n],
  [ScalarType.INT64, '-9223372036854775808', -(2n ** 63n)],
  [ScalarType.INT64, '+5', 5n],
  [ScalarType.UINT32, '4294967295', 4294967295],
  [ScalarType.INT32, '-1', -1],
  [ScalarType.BOOL, 'True', true],
  [ScalarType.BOOL, '0', false],
  [ScalarType.DOUBLE, '1e3', 1000],
  [ScalarType.STRING, ' ', ' '],
  [ScalarType.BYTES, '_-8=', Buffer.from([0xff, 0xef])],
])('type %i of %j', (type, text, value) => {
  expect(parseScalar(type, text, 'f')).toEqual(value)
})

it.each([
  [ScalarType.UINT64, '18446744073709551616', 'strconv.ParseUint: parsing "18446744073709551616": value out of range'],
  [ScalarType.UINT64, '-1', 'strconv.ParseUint: parsing "-1": invalid syntax'],
  [ScalarType.INT64, '9223372036854775808', 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
  [ScalarType.INT32, '2147483648', 'strconv.ParseInt: parsing "2147483648": value out of range'],
  [ScalarType.INT64, '1_000', 'strconv.ParseInt: parsing "1_000": invalid syntax'],
  [ScalarType.BOOL, 'yes', 'strconv.ParseBool: parsing "yes": invalid syntax'],
  [ScalarType.DOUBLE, ' ', 'strconv.ParseFloat: parsing " ": invalid syntax'],
  [ScalarType.BYTES, '*', 'not base64'],
])('type %i refuses %j', (type, text, why) => {
  expect(() => parseScalar(type, text, 'f')).toThrow(`parsing field "f": ${why}`)
})

it('repeats little of what is wrong', () => {
  const parse = (): unknown => parseScalar(ScalarType.UINT64, '9'.repeat(100_000), 'f')
  expect(parse).toThrow(/^INVALID_ARGUMENT: .{0,250}$/u)
})
