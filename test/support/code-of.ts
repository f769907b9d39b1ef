import { isFrontierError } from '@frontier/wire'

/** 'done', or the code that `request` failed with. @throws what is no FrontierError */
export async function codeOf(request: Promise<unknown>): Promise<string> {
  try {
    await request
    return 'done'
  } catch (error) {
    if (!isFrontierError(error)) throw error
    return error.code
  }
}
