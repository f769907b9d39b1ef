import path from 'node:path'

import { build } from 'esbuild'
import { expect, test } from 'vitest'

test('the edge SDK bundles for the browser, with nothing of Node in it', async () => {
  const result = await build({
    stdin: { contents: `export * from '@frontier/edge';`, resolveDir: path.resolve(import.meta.dirname) },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  expect(result.errors).toEqual([])
  const imported = Object.values(result.metafile.inputs).flatMap(({ imports }) => imports.map((found) => found.path))
  expect(imported.filter((specifier) => specifier.startsWith('node:'))).toEqual([])
})
