import { readFile } from 'node:fs/promises'

import { FrontierError } from '@frontier/wire'

import { describeFileError } from './file-error.js'

/** The text of a file that the configuration names. @throws INVALID_ARGUMENT naming the file that cannot be read. */
export async function readSecretFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new FrontierError('INVALID_ARGUMENT', `cannot read ${file}: ${describeFileError(error)}`, { cause: error })
  }
}
