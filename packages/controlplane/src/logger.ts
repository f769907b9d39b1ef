/** Where a control plane says what happens; pino fits. Tokens and payloads never get here. */
export interface ControlPlaneLogger {
  debug(fields: Record<string, unknown>, message: string): void
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

function nothing(): void {
  // Libraries are silent unless they are given a logger.
}

/** Says nothing. */
export const SILENT_LOGGER: ControlPlaneLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
