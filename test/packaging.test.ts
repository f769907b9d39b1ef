import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runNode, startNode } from './child.js'
import { typeScriptBlocks } from './code-blocks.js'
import { installIntoEmptyFolder, packAll, root, toCommonJs, toModule, type Packed } from './packed.js'

// What a user gets: tarballs as they would be published, installed by plain npm, used without any of the workspace.

const readme = typeScriptBlocks(await readFile(path.join(root, 'README.md'), 'utf8'))
const block = (title: string): string | undefined => readme.find((found) => found.title === title)?.code
const serviceBlock = block('service.ts')
const edgeBlock = block('edge.ts')
const { version: nodeTypes } = createRequire(import.meta.url)('@types/node/package.json') as { version: string }

let tarballs = ''
let packed: Packed[] = []
let folder = ''

beforeAll(async () => {
  tarballs = await mkdtemp(path.join(tmpdir(), 'frontier-tarballs-'))
  packed = await packAll(tarballs)
  folder = await installIntoEmptyFolder([...packed.map(({ tarball }) => tarball), `@types/node@${nodeTypes}`])
}, 300_000)

afterAll(async () => {
  for (const temporary of [tarballs, folder])
    if (temporary !== '') await rm(temporary, { recursive: true, force: true })
})

const libraries = (): Packed[] => packed.filter(({ isLibrary }) => isLibrary)

describe('published packages', () => {
  test('no tarball names the workspace or the catalog', async () => {
    for (const { name } of packed) {
      const manifest = await readFile(path.join(folder, 'node_modules', name, 'package.json'), 'utf8')
      expect(manifest, name).not.toMatch(/workspace:|catalog:/)
    }
  })

  test('no tarball carries tests or build state, and each has its licence', async () => {
    for (const { name } of packed) {
      const files = await readdir(path.join(folder, 'node_modules', name), { recursive: true })
      expect(
        files.filter((file) => /\.(test|bench|contract)\.|tsbuildinfo/.test(file)),
        name,
      ).toEqual([])
      expect(files, name).toEqual(expect.arrayContaining(['LICENSE', 'README.md']))
    }
  })

  test('each can be imported and required, with the same names', { timeout: 120_000 }, async () => {
    const names = libraries().map(({ name }) => name)
    await writeFile(
      path.join(folder, 'import-all.mjs'),
      `import { createRequire } from 'node:module';
       const require = createRequire(import.meta.url);
       for (const name of ${JSON.stringify(names)}) {
         const names = (module) => Object.keys(module).filter((key) => key !== 'module.exports' && key !== '__esModule').sort().join();
         const [imported, required] = [names(await import(name)), names(require(name))];
         if (imported !== required) throw new Error(name + ' differs: ' + imported + ' / ' + required);
       }`,
    )
    const { code, output } = await runNode(['import-all.mjs'], { cwd: folder, timeoutMs: 60_000 })
    expect(code, output).toBe(0)
  })

  test('better-sqlite3 does not come along, and whoever asks for it is told what to install', async () => {
    expect(await readdir(path.join(folder, 'node_modules'))).not.toContain('better-sqlite3')
    await writeFile(
      path.join(folder, 'without-sqlite.mjs'),
      `import { createFrontier } from '@frontier/gateway';
       const listen = { network: 'memory', addr: 'without-sqlite' };
       const config = { dao: { backend: 'sqlite3' }, edgebound: { listen }, servicebound: { listen } };
       await createFrontier(config).catch((error) => console.log(error.code, error.reason));`,
    )
    const { code, output } = await runNode(['without-sqlite.mjs'], { cwd: folder, timeoutMs: 30_000 })
    expect(code, output).toBe(0)
    expect(output).toMatch(/^INVALID_ARGUMENT .*npm install better-sqlite3@12/m)
  })

  test('their declarations compile, from an ES module and from CommonJS', { timeout: 180_000 }, async () => {
    const lines = (from: (index: number, name: string) => string): string =>
      libraries()
        .map(({ name }, index) => `${from(index, name)}\nexport type P${index} = typeof p${index};\n`)
        .join('')
    await writeFile(
      path.join(folder, 'all.mts'),
      lines((index, name) => `import * as p${index} from '${name}';`),
    )
    await writeFile(
      path.join(folder, 'all.cts'),
      lines((index, name) => `import p${index} = require('${name}');`),
    )
    expect(await compile(['all.mts', 'all.cts'])).toBe('')
  })

  test('publint has nothing to say', { timeout: 300_000 }, async () => {
    for (const { tarball, name } of packed) {
      const { code, output } = await runTool('publint', ['run', tarball, '--strict'])
      expect(code, `${name}: ${output}`).toBe(0)
    }
  })

  test('are the types wrong? no', { timeout: 300_000 }, async () => {
    for (const { tarball, name } of libraries()) {
      const { code, output } = await runTool('attw', [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'])
      expect(code, `${name}: ${output}`).toBe(0)
    }
  })
})

// The README's first steps: ```ts title="service.ts" and ```ts title="edge.ts", against the two default addresses.
describe.skipIf(serviceBlock === undefined || edgeBlock === undefined)('the root README, from the tarballs', () => {
  test('its code compiles', { timeout: 120_000 }, async () => {
    await writeFile(path.join(folder, 'service.mts'), serviceBlock ?? '')
    await writeFile(path.join(folder, 'edge.mts'), edgeBlock ?? '')
    expect(await compile(['service.mts', 'edge.mts'])).toBe('')
  })

  test.each(['mjs', 'cjs'] as const)(
    'as .%s, service and edge talk through a gateway',
    { timeout: 60_000 },
    async (kind) => {
      await using gateway = await startGateway()
      const program = async (name: string, code: string): Promise<string> => {
        const module = (await toModule(code))
          .replaceAll(/(127\.0\.0\.1|localhost):30011/g, gateway.servicebound)
          .replaceAll(/(127\.0\.0\.1|localhost):30012/g, gateway.edgebound)
        const file = `${name}-${kind}.${kind}`
        await writeFile(path.join(folder, file), kind === 'cjs' ? toCommonJs(module) : module)
        return file
      }
      const service = await startNode([await program('service', serviceBlock ?? '')], {
        cwd: folder,
        timeoutMs: 40_000,
      })
      try {
        const edgeFile = await program('edge', edgeBlock ?? '')
        const { code, timedOut, output } = await untilGood(() =>
          runNode([edgeFile], { cwd: folder, timeoutMs: 15_000 }),
        )
        expect({ code, timedOut }, output).toEqual({ code: 0, timedOut: false })
      } finally {
        service.child.kill()
        await service.finished
      }
    },
  )
})

/** The edge may come before the service has registered what it calls: it is tried again for a few seconds. */
async function untilGood(attempt: () => ReturnType<typeof runNode>): ReturnType<typeof runNode> {
  const end = Date.now() + 10_000
  let result = await attempt()
  while (result.code !== 0 && !result.timedOut && Date.now() < end) {
    await sleep(200)
    result = await attempt()
  }
  return result
}

interface RunningGateway extends AsyncDisposable {
  servicebound: string
  edgebound: string
}

/** A gateway from the installed tarball, in a process of its own, on ports the system chose. */
async function startGateway(): Promise<RunningGateway> {
  await writeFile(
    path.join(folder, 'gateway.mjs'),
    `import { createFrontier } from '@frontier/gateway';
     const listen = { network: 'tcp', addr: '127.0.0.1:0' };
     const frontier = await createFrontier({ edgebound: { listen }, servicebound: { listen } });
     console.log('ADDRESSES ' + JSON.stringify(frontier.addresses));`,
  )
  const { child, finished } = await startNode(['gateway.mjs'], { cwd: folder, timeoutMs: 55_000 })
  const addresses = await new Promise<{ servicebound: string; edgebound: string }>((resolve, reject) => {
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /^ADDRESSES (.*)$/m.exec(output)?.[1]
      if (found !== undefined) resolve(JSON.parse(found) as { servicebound: string; edgebound: string })
    })
    void finished.then((result) => {
      reject(new Error(`the gateway ended with ${result.code}:\n${result.output}`))
    })
  })
  const hostAndPort = (address: string): string => address.replace(/^\w+:\/\//, '')
  return {
    servicebound: hostAndPort(addresses.servicebound),
    edgebound: hostAndPort(addresses.edgebound),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.kill()) await once(child, 'close')
    },
  }
}

/** Compiles files of the temporary folder as a strict user would; returns what the compiler said. */
async function compile(files: readonly string[]): Promise<string> {
  const base = JSON.parse(await readFile(path.join(root, 'tsconfig.base.json'), 'utf8')) as { compilerOptions: object }
  const compilerOptions = { ...base.compilerOptions, noEmit: true, declaration: false, declarationMap: false }
  const config = {
    compilerOptions: { ...compilerOptions, isolatedDeclarations: false, erasableSyntaxOnly: false },
    files,
  }
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { code, output } = await runNode([path.join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
    cwd: folder,
    timeoutMs: 100_000,
  })
  return code === 0 ? '' : output
}

async function runTool(name: 'publint' | 'attw', args: readonly string[]): ReturnType<typeof runNode> {
  const folderOf = path.join(root, 'node_modules', name === 'attw' ? '@arethetypeswrong/cli' : name)
  const manifest = JSON.parse(await readFile(path.join(folderOf, 'package.json'), 'utf8')) as {
    bin: Record<string, string>
  }
  return runNode([path.join(folderOf, manifest.bin[name] ?? ''), ...args], { timeoutMs: 120_000 })
}
