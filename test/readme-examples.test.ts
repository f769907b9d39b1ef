import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { transform } from 'esbuild'
import ts from 'typescript'
import { afterAll, describe, expect, test } from 'vitest'

import { runNode } from './child.js'
import { typeScriptBlocks } from './code-blocks.js'

// Every ```ts block in a README is a program of its own: it compiles under the strict settings, and ends by itself with
// exit code 0 unless its fence says `no-run`. It runs against the compiled packages. Those of the root README that have a
// title need a gateway and each other: packaging.test.ts runs them.

const root = path.resolve(import.meta.dirname, '..')
// One folder per run, so that two runs in one checkout do not meet; inside test/, whose node_modules has every package.
const folder = path.join(root, 'test/.tmp', `readme-${process.pid}`)

const readmes = [
  'README.md',
  ...['packages', 'apps', 'examples'].flatMap((parent) =>
    readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}/README.md`),
  ),
]

const examples = readmes.flatMap((readme) =>
  typeScriptBlocks(readFileSync(path.join(root, readme), 'utf8')).map((block) => ({
    ...block,
    name: `${readme}:${block.line}`,
    file: path.join(
      folder,
      `${path
        .dirname(readme)
        .replace(/^packages\//, '')
        .replaceAll(/\W/g, '-')}-${block.line}.ts`,
    ),
  })),
)

mkdirSync(folder, { recursive: true })
for (const { file, code } of examples) writeFileSync(file, code)
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('README examples', () => {
  test('compile', { timeout: 120_000 }, () => {
    expect(compileErrors(examples.map(({ file }) => file))).toEqual([])
  })

  test('the check would see one that does not compile', { timeout: 120_000 }, () => {
    const file = path.join(folder, 'wrong.ts')
    writeFileSync(file, `const port: number = 'thirty';\n`)
    expect(compileErrors([file])).toHaveLength(1)
  })

  for (const { name, file, code } of examples.filter(({ info }) => !/\bno-run\b|\btitle=/.test(info))) {
    test(`${name} runs`, async () => {
      const program = file.replace(/\.ts$/, '.mjs')
      writeFileSync(program, (await transform(code, { loader: 'ts', format: 'esm', target: 'node20' })).code)
      const { code: exitCode, timedOut, output } = await runNode([program], { cwd: folder, timeoutMs: 15_000 })
      expect({ exitCode, timedOut }, output).toEqual({ exitCode: 0, timedOut: false })
    })
  }
})

function compileErrors(files: readonly string[]): string[] {
  const read = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), (name) => ts.sys.readFile(name))
  const { options } = ts.convertCompilerOptionsFromJson(
    (read.config as { compilerOptions: object }).compilerOptions,
    root,
  )
  const program = ts.createProgram(files, {
    ...options,
    noEmit: true,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
    // The packages' own declarations are checked by their build.
    skipLibCheck: true,
  })
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    if (diagnostic.file === undefined || diagnostic.start === undefined) return text
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start)
    return `${path.basename(diagnostic.file.fileName)}:${line + 1} ${text}`
  })
}
