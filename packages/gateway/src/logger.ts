/** Where a gateway says what happens; pino fits. Secrets never get here. */
export interface GatewayLogger {
  debug(fields: Record<string, unknown>, message: string): void
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

function nothing(): void {
  // Libraries are silent unless they are given a logger.
}

/** Says nothing. */
export const SILENT_LOGGER: GatewayLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
