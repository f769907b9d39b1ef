import { FrontierError } from '@frontier/wire'

import { isToken } from './control-plane-schema.js'
import type { TokenConfig } from './frontier-config.js'
import { readSecretFile } from './secret-file.js'

/** A token with its own text, from wherever it stood. */
export interface LoadedToken {
  name: string
  role: 'read' | 'admin'
  token: string
}

/** Reads the tokens that stand in files: the first line of each. @throws INVALID_ARGUMENT naming the file that cannot be read or has no token. */
export function readTokens(tokens: readonly TokenConfig[]): Promise<LoadedToken[]> {
  return Promise.all(
    tokens.map(async ({ name, role, token, token_file: file }) => ({ name, role, token: file === undefined ? (token ?? '') : await readToken(file) })),
  )
}

async function readToken(file: string): Promise<string> {
  const text = await readSecretFile(file)
  const token = text.split('\n', 1)[0]!.trim()
  if (!isToken(token)) throw new FrontierError('INVALID_ARGUMENT', `${file} has no token: one word of 16 characters or more in its first line`)
  return token
}
