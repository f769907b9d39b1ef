import { readFileSync } from 'node:fs'

import { Code } from '@connectrpc/connect'
import { errorCodes } from '@frontier/wire'
import { expect, it } from 'vitest'

import { statusTable } from './status-table.js'

it('has every code, and docs/errors.md says the same', () => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)` \| (\d+) `(\w+)` \| (\d+) \|$/gm)]
  const documented = Object.fromEntries(rows.map(([, code, grpc, , http]) => [code, { grpc: Number(grpc), http: Number(http) }]))
  expect(documented).toEqual(statusTable)
  expect(Object.keys(statusTable).sort()).toEqual(Object.keys(errorCodes).sort())
  // NotFound is NOT_FOUND; gRPC spells one of them in its own way.
  const nameOf = (code: number): string => (Code[code] === 'Canceled' ? 'CANCELLED' : Code[code]!.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase())
  for (const [, , grpc, name] of rows) expect(nameOf(Number(grpc))).toBe(name)
})
