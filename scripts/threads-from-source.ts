// Vitest reads TypeScript, the worker threads that a source starts do not: this plugin compiles a `…-worker.ts` where a test's module names it.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { build, type PluginBuild } from 'esbuild'

interface SourcePlugin {
  name: string
  enforce: 'pre'
  transform(code: string, id: string): Promise<{ code: string; map: null } | undefined>
}

const root = fileURLToPath(new URL('../', import.meta.url))
const threadUrl = /new URL\('\.\/([a-z0-9-]+-worker)\.js', import\.meta\.url\)/g

/** A plugin for vitest.config.ts. */
export function threadsFromSource(): SourcePlugin {
  const compiled = new Map<string, Promise<string>>()
  return {
    name: 'threads-from-source',
    enforce: 'pre',
    async transform(code, id) {
      let result = code
      for (const [expression, name = ''] of code.matchAll(threadUrl)) {
        const source = path.join(path.dirname(id), `${name}.ts`)
        const url = compiled.get(source) ?? compile(source)
        compiled.set(source, url)
        result = result.replaceAll(expression, `new URL(${JSON.stringify(await url)})`)
      }
      return result === code ? undefined : { code: result, map: null }
    },
  }
}

/** One file, in the node_modules of its package: so it finds what the package depends on. */
async function compile(source: string): Promise<string> {
  const folder = path.join(path.dirname(path.dirname(source)), 'node_modules/.threads')
  const file = path.join(folder, `${path.basename(source, '.ts')}.mjs`)
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    plugins: [{ name: 'workspace', setup: resolveWorkspace }],
  })
  mkdirSync(folder, { recursive: true })
  const whole = `${file}.${process.pid.toString()}`
  writeFileSync(whole, outputFiles[0]?.contents ?? '')
  renameSync(whole, file)
  return pathToFileURL(file).href
}

function resolveWorkspace(bundle: PluginBuild): void {
  bundle.onResolve({ filter: /^@frontier\// }, ({ path: name }) => ({
    path: path.join(root, 'packages', name.slice('@frontier/'.length), 'src/index.ts'),
  }))
}
