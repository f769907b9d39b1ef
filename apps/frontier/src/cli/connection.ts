import { readFile } from 'node:fs/promises'

import { FrontierError } from '@frontier/wire'

import { contextNamed, type Context, type ContextStore } from './context-store.js'
import type { Input } from './input.js'

/** Where a gateway's control plane is, and what to show there. */
export interface Connection {
  /** `http://host:port`, `https://host:port` or `unix:///path`. */
  readonly url: string
  readonly token: string | undefined
  readonly tls: TlsMaterial
  readonly timeoutMs: number
}

/** PEM texts. */
export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** What the flags say, above what the context says: field by field. Reads the files. @throws INVALID_ARGUMENT */
export async function connectionOf(input: Input, env: Readonly<Record<string, string | undefined>>, store: ContextStore, readStdin: () => Promise<Uint8Array>): Promise<Connection> {
  const context = await chosenContext(input, env, store)
  const files = { ca: input.text('ca') ?? context.ca, cert: input.text('cert') ?? context.cert, key: input.text('key') ?? context.key }
  if ((files.cert === undefined) !== (files.key === undefined)) throw new FrontierError('INVALID_ARGUMENT', '--cert and --key go together')
  const tls: Record<string, string> = {}
  for (const [name, file] of Object.entries(files)) if (file !== undefined) tls[name] = await readText(file, `--${name}`)
  return {
    url: urlOf(input.text('address') ?? context.address ?? 'http://127.0.0.1:30010', Object.keys(tls).length > 0),
    token: (await givenToken(input, readStdin)) ?? context.token,
    tls,
    timeoutMs: input.number('timeout') ?? 10_000,
  }
}

/** The token in the flags: --token, or what is in --token-file. @throws INVALID_ARGUMENT when there are both, or the file cannot be read. */
export async function givenToken(input: Input, readStdin: () => Promise<Uint8Array>): Promise<string | undefined> {
  const file = input.text('token-file')
  if (file === undefined) return input.text('token')
  if (input.isSet('token')) throw new FrontierError('INVALID_ARGUMENT', '--token and --token-file exclude each other')
  const token = (file === '-' ? Buffer.from(await readStdin()).toString() : await readText(file, '--token-file')).trim()
  if (token === '') throw new FrontierError('INVALID_ARGUMENT', `there is no token in ${file === '-' ? 'stdin' : file}`)
  return token
}

/** An address as people write it, as a URL. `isSecure`: without a scheme it is https. @throws INVALID_ARGUMENT */
export function urlOf(address: string, isSecure: boolean): string {
  if (/^unix:\/\/\/./.test(address)) return address
  const withScheme = address.includes('://') ? address.replace(/^tcp:/, 'http:').replace(/^tls:/, 'https:') : `${isSecure ? 'https' : 'http'}://${address}`
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined
  const isPlain = url !== undefined && url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === ''
  if (!isPlain || url.hostname === '' || !['http:', 'https:'].includes(url.protocol)) {
    throw new FrontierError('INVALID_ARGUMENT', `${JSON.stringify(address)} is no address of a control plane: give host:port, http://host:port, https://host:port or unix:///path`)
  }
  // A family port, not that of the web, when none is named.
  const isPortNamed = /:\d+\/?$/.test(withScheme)
  return isPortNamed ? withScheme.replace(/\/$/, '') : `${url.protocol}//${url.hostname}:30010`
}

async function chosenContext(input: Input, env: Readonly<Record<string, string | undefined>>, store: ContextStore): Promise<Context> {
  const named = input.text('context') ?? (env['FRONTIER_CONTEXT'] === '' ? undefined : env['FRONTIER_CONTEXT'])
  const contexts = await store.read()
  const name = named ?? contexts.current
  return name === undefined ? {} : contextNamed(contexts, name, 'INVALID_ARGUMENT')
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new FrontierError('INVALID_ARGUMENT', `${what}: cannot read ${file}: ${isMissing ? 'there is no such file' : (error as Error).message}`, { cause: error })
  }
}
