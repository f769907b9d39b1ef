import { spawn } from 'node:child_process'
import path from 'node:path'
import { build } from 'esbuild'
import { eventually } from './eventually.js'

const root = path.resolve(import.meta.dirname, '../..')

/** A program of `support/programs` in a process of its own. */
export interface ChildProgram extends AsyncDisposable {
  /** What its command `name` returns. @throws what that throws */
  ask(name: string, argument?: unknown): Promise<any>
  /** Waits until its command `name` returns something true. */
  until(name: string): Promise<void>
  /** Ends it at once, as a crash would. */
  kill(): void
}

interface Answer {
  id: number
  result?: unknown
  error?: string
  code?: string
}

const compiled = new Map<string, Promise<string>>()

/** The text of a program together with the sources of the packages it imports: nothing needs to be built before. */
function compile(name: string): Promise<string> {
  let code = compiled.get(name)
  if (code === undefined) {
    code = bundle(name)
    compiled.set(name, code)
  }
  return code
}

async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, 'programs', `${name}.ts`)],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: `import { createRequire as requireAt } from 'node:module'; const require = requireAt(import.meta.url);` },
    plugins: [
      {
        name: 'sources',
        setup: ({ onResolve }) => {
          // Loaded only by a gateway that is told to; their clients bring native code, which does not go into one file.
          onResolve({ filter: /^@frontier\/mq-[a-z]+$/ }, () => ({ external: true }))
          onResolve({ filter: /^@frontier\/[a-z0-9-]+$/ }, ({ path: id }) => ({
            path: path.join(root, 'packages', id.slice('@frontier/'.length), 'src/index.ts'),
          }))
        },
      },
    ],
  })
  return outputFiles[0]!.text
}

/** Starts a program; it is ready for questions. */
export async function startProgram(name: string): Promise<ChildProgram> {
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-'], {
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  child.stdin!.end(await compile(name))
  const waiting = new Map<number, (answer: Answer) => void>()
  let lastId = 0
  let isReady = false
  let isGone = false
  child.on('message', (answer: Answer) => {
    if (answer.id === 0) isReady = true
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      isGone = true
      for (const [id, settle] of waiting) settle({ id, error: `${name} is gone`, code: 'GONE' })
      resolve()
    })
  })
  const ask = async (command: string, argument?: unknown): Promise<unknown> => {
    const id = ++lastId
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve)
      child.send({ id, command, argument })
    })
    if (answer.error === undefined) return answer.result
    throw Object.assign(new Error(`${name} ${command}: ${answer.error}`), { code: answer.code })
  }
  await eventually(`${name} is up`, () => {
    if (isGone) throw new Error(`${name} did not start`)
    return isReady
  })
  return {
    ask,
    until: async (command) => {
      await eventually(`${name} ${command}`, async () => (await ask(command)) === true)
    },
    kill: () => child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
