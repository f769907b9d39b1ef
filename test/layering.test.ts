import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, test } from 'vitest'

import { layers } from '../scripts/layers.mjs'
import {
  importProblems,
  manifestProblems,
  readManifest,
  sourceFiles,
  unusedDependencies,
  type Workspace,
} from './layering.js'

const root = path.resolve(import.meta.dirname, '..')
const shared = Object.keys(readManifest(root, '.').devDependencies ?? {})
const children = (folder: string): string[] => readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`)
const folders = [...children('packages'), ...children('apps'), ...children('examples'), 'bench', 'test']

// A program brings along what the packages it is made of leave to their users.
const peers = new Set(children('packages').flatMap((folder) => Object.keys(readManifest(root, folder).peerDependencies ?? {})))

describe('every workspace imports only what it may', () => {
  test('the table names every package, and no other', () => {
    expect(readdirSync(path.join(root, 'packages')).sort()).toEqual([...layers].sort())
  })

  test.each(folders)('%s', (folder) => {
    const layer = folder.startsWith('packages/') ? path.basename(folder) : undefined
    const workspace: Workspace = { layer, manifest: readManifest(root, folder), shared }
    const files = sourceFiles(root, folder).map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }))
    const problems = files.flatMap(({ file, text }) => importProblems(workspace, file, text))
    // What crosses packages, and the benchmark, have everything at hand.
    const unused = ['bench', 'test'].includes(folder) ? [] : unusedDependencies(workspace, files, layer === undefined ? peers : undefined)
    expect([...manifestProblems(workspace), ...problems, ...unused]).toEqual([])
  })
})

describe('the check sees', () => {
  const edge: Workspace = {
    layer: 'edge',
    manifest: { name: '@frontier/edge', dependencies: { '@frontier/geminio': '*', '@frontier/gateway': '*' } },
    shared: ['vitest'],
  }
  const source = 'packages/edge/src/link.ts'
  const check = (text: string, file = source): string[] => importProblems(edge, file, text)

  test.each([
    ['a layer below', `import { a } from '@frontier/service';`],
    ['an SDK importing the server side', `import type { Frontier } from '@frontier/gateway';`],
    ['a re-export', `export * from '@frontier/exchange';`],
    ['a dynamic import', `await import('@frontier/config');`],
    ['an app', `import '@frontier/frontier';`],
    ['a package that is not declared', `import { z } from 'zod';`],
    ['a subpath of one', `import { z } from 'zod/v4';`],
    ['a Node module', `import net from 'node:net';`],
    ['a Node module without the prefix', `import { join } from 'path';`],
    ['a relative path into another package', `import { x } from '../../wire/src/index.js';`],
    ['a test tool in a source file', `import { test } from 'vitest';`],
    ['the package by its own name', `import { x } from '@frontier/edge';`],
  ])('%s', (_what, text) => {
    expect(check(text)).toHaveLength(1)
  })

  test('and allows what is declared and above', () => {
    expect(check(`import { end } from '@frontier/geminio';\nimport { a } from './a.js';`)).toEqual([])
  })

  test('and allows tests the test tools, Node and a gateway that is a development dependency', () => {
    const text = `import 'vitest'; import 'node:net'; import '@frontier/edge'; import '@frontier/gateway';`
    expect(check(text, 'packages/edge/src/link.test.ts')).toEqual([])
    expect(check(text, 'packages/edge/test/link.test.ts')).toEqual([])
  })

  test('and allows tests to start brokers, and nothing else of the test folder', () => {
    const text = `import '../../../test/brokers/brokers.mjs'`
    expect(check(text, 'packages/edge/test/link.test.ts')).toEqual([])
    expect(check(text, 'packages/edge/src/link.ts')).toHaveLength(1)
    expect(check(`import '../../../test/child.js'`, 'packages/edge/test/link.test.ts')).toHaveLength(1)
  })

  test('and a dependency that nothing imports, or only tests do', () => {
    const file = (name: string, text: string): { file: string; text: string } => ({
      file: `packages/edge/src/${name}`,
      text,
    })
    const shipped = file(
      'link.ts',
      `import { end } from '@frontier/geminio';\nexport type { Frontier } from '@frontier/gateway';`,
    )
    const inTest = file('link.test.ts', `import '@frontier/gateway';`)
    expect(unusedDependencies(edge, [shipped])).toEqual([])
    expect(unusedDependencies(edge, [file('link.ts', `import '@frontier/geminio';`), inTest])).toHaveLength(1)
    expect(unusedDependencies(edge, [])).toHaveLength(2)
    expect(unusedDependencies(edge, [], new Set(['@frontier/gateway']))).toHaveLength(1)
  })

  test('and a manifest that depends on a layer below', () => {
    expect(manifestProblems(edge)).toHaveLength(1)
    expect(
      manifestProblems({ ...edge, manifest: { name: '@frontier/edge', dependencies: { '@frontier/wire': '*' } } }),
    ).toEqual([])
  })
})
