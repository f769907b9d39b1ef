import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import ts from 'typescript'

import { allowedImports, allowedTestImports, isNodeModule, isTestFile, portable } from '../scripts/layers.mjs'

export interface Manifest {
  name: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

export interface Workspace {
  /** The folder's name in `packages/`, or undefined for apps, examples, bench and test. */
  layer: string | undefined
  manifest: Manifest
  /** Development dependencies of the root, which tests may use without declaring them. */
  shared: readonly string[]
}

/** What is wrong with the imports of one file, one line each; empty if nothing is. */
export function importProblems(workspace: Workspace, file: string, text: string): string[] {
  const specifiers = ts.preProcessFile(text, true, true).importedFiles.map((found) => found.fileName)
  return specifiers.flatMap((specifier) => {
    const problem = importProblem(workspace, file, specifier)
    return problem === undefined ? [] : [`${file}: '${specifier}' ${problem}`]
  })
}

function importProblem({ layer, manifest, shared }: Workspace, file: string, specifier: string): string | undefined {
  const inTest = isTestFile(file)
  if (specifier.startsWith('.')) {
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
    const home = /^(packages|apps|examples)\/[^/]+\//.exec(file)?.[0]
    const isBroker = inTest && target === 'test/brokers/brokers.mjs'
    return home === undefined || target.startsWith(home) || isBroker ? undefined : 'leaves its package by a relative path'
  }
  if (isNodeModule(specifier)) {
    return layer !== undefined && portable.includes(layer) && !inTest
      ? 'is a Node module in a portable package'
      : undefined
  }
  const target = packageName(specifier)
  const ours = /^@frontier\/(.+)$/.exec(target)?.[1]
  if (ours !== undefined && target !== manifest.name) {
    const allowed = inTest ? allowedTestImports(layer) : allowedImports(layer)
    if (!allowed.includes(ours)) return 'is not in a layer above'
  }
  if (ours !== undefined && target === manifest.name && !inTest) return 'is the package itself'
  const declared = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...(inTest ? manifest.devDependencies : {}),
  }
  const mayUse = target in declared || (inTest && (target === manifest.name || shared.includes(target)))
  return mayUse ? undefined : 'is not declared in package.json'
}

/** The problems with what a package.json declares: a dependency the table does not allow. */
export function manifestProblems({ layer, manifest }: Workspace): string[] {
  const check = (names: object | undefined, allowed: readonly string[]): string[] =>
    Object.keys(names ?? {})
      .filter((name) => name.startsWith('@frontier/') && !allowed.includes(name.slice('@frontier/'.length)))
      .map((name) => `${manifest.name}: depends on ${name}, which is not in a layer above`)
  return [
    ...check(manifest.dependencies, allowedImports(layer)),
    ...check(manifest.devDependencies, allowedTestImports(layer)),
  ]
}

/**
 * What package.json declares in vain: `dependencies` that no shipped file imports, unless a package asks for them as `peers`, and `devDependencies` that no file names (a test may
 * import by a variable; types are named by what they are of).
 */
export function unusedDependencies(
  { manifest }: Workspace,
  files: readonly { file: string; text: string }[],
  peers: ReadonlySet<string> = new Set(),
): string[] {
  const shipped = files.filter(({ file }) => !isTestFile(file))
  const imported = new Set(
    shipped.flatMap(({ text }) =>
      ts.preProcessFile(text, true, true).importedFiles.map((found) => packageName(found.fileName)),
    ),
  )
  const isNamed = (declared: string): boolean => {
    const name = declared.replace(/^@types\//, '')
    return files.some(({ text }) => text.includes(`'${name}'`) || text.includes(`'${name}/`))
  }
  return [
    ...Object.keys(manifest.dependencies ?? {}).filter((name) => !imported.has(name) && !peers.has(name)),
    ...Object.keys(manifest.devDependencies ?? {}).filter((name) => !isNamed(name)),
  ].map((name) => `${manifest.name}: declares ${name} and does not use it`)
}

/** Every TypeScript file below a folder, with `/` in the paths, relative to the root. */
export function sourceFiles(root: string, folder: string): string[] {
  if (!existsSync(path.join(root, folder))) return []
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`
    if (entry.isDirectory())
      return ['node_modules', 'dist', '.tmp', '.turbo'].includes(entry.name) ? [] : sourceFiles(root, file)
    return entry.name.endsWith('.ts') ? [file] : []
  })
}

export function readManifest(root: string, folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as Manifest
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
