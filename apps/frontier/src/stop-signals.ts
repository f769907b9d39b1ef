/** Where signals come from: `process`. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: (signal: string) => void): unknown
}

/** The first request to stop, and the second. */
export interface StopSignals {
  readonly first: Promise<string>
  readonly second: Promise<string>
}

/** The first and the second request to stop, whichever of SIGINT and SIGTERM they are. Listens from the call on. */
export function stopSignals(source: SignalSource): StopSignals {
  const listeners: ((signal: string) => void)[] = []
  const next = (): Promise<string> => new Promise((resolve) => listeners.push(resolve))
  const signals = { first: next(), second: next() }
  const onSignal = (signal: string): void => listeners.shift()?.(signal)
  source.on('SIGINT', onSignal)
  source.on('SIGTERM', onSignal)
  return signals
}
