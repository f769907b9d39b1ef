import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const generated = path.join(root, 'packages/controlplane/src/gen')
const folder = mkdtempSync(path.join(tmpdir(), 'frontier-generated-'))
afterAll(() => rmSync(folder, { recursive: true }))

const buf = createRequire(path.join(root, 'package.json')).resolve('@bufbuild/buf/bin/buf')
const canRun = spawnSync(process.execPath, [buf, '--version']).status === 0

function filesOf(at: string): Record<string, string> {
  const names = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(path.join(at, name), 'utf8')]))
}

it.skipIf(!canRun)(`regenerating changes nothing${canRun ? '' : ': skipped, the buf command does not run on this machine'}`, () => {
  const out = path.join(folder, 'gen')
  const script = `const { generate } = await import('./scripts/generate.mjs'); process.exitCode = await generate(${JSON.stringify(out)})`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' })
  expect(run.stderr).toBe('')
  expect(run.status).toBe(0)
  expect(filesOf(out)).toEqual(filesOf(generated))
})
