/** What a call of the control plane has thrown, as a FrontierError; anything else as it is. Loads nothing when no call was made. */
export async function thrownByCall(error: unknown, url: string): Promise<unknown> {
  // Not instanceof: that would load connect to tell of a wrong flag.
  if (!(error instanceof Error) || error.name !== 'ConnectError') return error
  const { ConnectError } = await import('@connectrpc/connect')
  const { connectFailure } = await import('./connect-failure.js')
  return connectFailure(ConnectError.from(error), url)
}
