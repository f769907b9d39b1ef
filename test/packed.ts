import { mkdir, mkdtemp, readdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { transform } from 'esbuild'

import { runNode } from './child.js'

export const root = path.resolve(import.meta.dirname, '..')

export interface Packed {
  name: string
  folder: string
  tarball: string
  /** A package that has only programs exports nothing to import. */
  isLibrary: boolean
}

/** The public packages of the workspace, in the state a release would have them. */
export async function packAll(target: string): Promise<Packed[]> {
  const folders = [...(await children('packages')), ...(await children('apps'))]
  const packed: Packed[] = []
  await mkdir(target, { recursive: true })
  for (const folder of folders) {
    const manifest = JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8')) as PublicManifest
    if (manifest.private === true) continue
    await nodeOrThrow([pnpm, 'pack', '--pack-destination', target], path.join(root, folder))
    const file = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
    const isLibrary = manifest.exports?.['.'] !== undefined
    packed.push({ name: manifest.name, folder, tarball: path.join(target, file), isLibrary })
  }
  return packed
}

/** A new folder outside the workspace, with the given packages installed by plain npm. */
export async function installIntoEmptyFolder(packages: readonly string[]): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'frontier-packed-')))
  await writeFile(path.join(folder, 'package.json'), '{ "name": "empty", "private": true }\n')
  const npm = path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js')
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages]
  await nodeOrThrow([process.env['npm_execpath'] ?? npm, ...args], folder)
  return folder
}

/** TypeScript to the JavaScript of an ES module, types stripped. */
export async function toModule(typeScript: string): Promise<string> {
  return (await transform(typeScript, { loader: 'ts', format: 'esm', target: 'node20' })).code
}

/** An ES module to what a CommonJS user would write: `require` for its imports, an async function for its awaits. */
export function toCommonJs(module: string): string {
  const imports = /^import\s+(?:([\w$]+|\{[^}]*\}|\*\s+as\s+[\w$]+)\s+from\s+)?(["'][^"']+["']);?$/gm
  const body = module.replace(imports, (_all, clause: string | undefined, specifier: string) => {
    if (clause === undefined) return `require(${specifier});`
    if (clause.startsWith('{')) return `const ${clause.replaceAll(' as ', ': ')} = require(${specifier});`
    if (clause.startsWith('*')) return `const ${clause.replace(/^\*\s+as\s+/, '')} = require(${specifier});`
    return `const ${clause} = require(${specifier}).default ?? require(${specifier});`
  })
  return `(async () => {\n${body.replace(/^export .*$/gm, '')}\n})();\n`
}

interface PublicManifest {
  name: string
  version: string
  private?: boolean
  exports?: Record<string, unknown>
}

const pnpm = path.join(root, '.pnpm-bin/node_modules/pnpm/bin/pnpm.cjs')

async function nodeOrThrow(args: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await runNode(args, { cwd, timeoutMs: 180_000 })
  if (code !== 0) throw new Error(`${args.slice(0, 3).join(' ')} ended with ${code} in ${cwd}:\n${output}`)
}

async function children(folder: string): Promise<string[]> {
  return (await readdir(path.join(root, folder))).map((name) => `${folder}/${name}`)
}
