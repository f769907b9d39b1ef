import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'

import { FrontierError } from '@frontier/wire'

/** Which gateway, and as whom. Paths of files are absolute. */
export interface Context {
  readonly address?: string
  readonly token?: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** All named contexts, and the one to use when none is named. */
export interface Contexts {
  readonly current?: string
  readonly contexts: Readonly<Record<string, Context>>
}

const fields = ['address', 'token', 'ca', 'cert', 'key'] as const

/** The named contexts of one user: a file only they can read, in a folder only they can enter. */
export class ContextStore {
  readonly file: string

  /** Below `$XDG_CONFIG_HOME`, else `~/.config`. */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    const configured = env['XDG_CONFIG_HOME']
    // The specification: what is not absolute is to be ignored.
    const base = configured !== undefined && path.isAbsolute(configured) ? configured : path.join(env['HOME'] ?? homedir(), '.config')
    this.file = path.join(base, 'frontier', 'contexts.json')
  }

  /** None when there is no file. @throws INVALID_ARGUMENT when others can read the file, or it is not one of contexts. */
  async read(): Promise<Contexts> {
    try {
      const { mode } = await stat(this.file)
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
        throw new FrontierError('INVALID_ARGUMENT', `${this.file} holds tokens and others can read it; chmod 600 it`)
      }
      return checked(JSON.parse(await readFile(this.file, 'utf8')))
    } catch (error) {
      if (error instanceof FrontierError) throw error
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { contexts: {} }
      const why = error instanceof SyntaxError ? 'it is not JSON' : error instanceof Error ? error.message : String(error)
      throw new FrontierError('INVALID_ARGUMENT', `cannot read ${this.file}: ${why}`, { cause: error })
    }
  }

  /** Replaces the file as a whole: whoever reads it meanwhile sees the old or the new one. */
  async write(contexts: Contexts): Promise<void> {
    const folder = path.dirname(this.file)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    const draft = `${this.file}.${randomBytes(6).toString('hex')}`
    try {
      await writeFile(draft, `${JSON.stringify(contexts, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' })
      await rename(draft, this.file)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }
}

/** The context of that name. @throws `code` with what there is instead. */
export function contextNamed({ contexts }: Contexts, name: string, code: 'RECORD_NOT_FOUND' | 'INVALID_ARGUMENT'): Context {
  if (Object.hasOwn(contexts, name)) return contexts[name]!
  throw new FrontierError(code, `there is no context ${JSON.stringify(name)}; see frontier context ls`)
}

function checked(value: unknown): Contexts {
  const fail = (): never => {
    throw new SyntaxError('not an object of contexts')
  }
  const { current, contexts } = recordOf(value) ?? fail()
  const entries = Object.entries(recordOf(contexts) ?? fail()).map(([name, context]): [string, Context] => {
    const from = recordOf(context) ?? fail()
    return [name, Object.fromEntries(fields.flatMap((field) => (typeof from[field] === 'string' ? [[field, from[field]]] : [])))]
  })
  const read = Object.fromEntries(entries)
  return typeof current === 'string' ? { current, contexts: read } : { contexts: read }
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
}
