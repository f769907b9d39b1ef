import type { LogLevel } from '@frontier/config'

/** One level of a {@link Logger}: a message alone, or behind its fields. */
export interface LogMethod {
  (message: string): void
  (fields: object, message?: string): void
}

/** The part of a pino logger that the gateway uses. */
export type Logger = Readonly<Record<LogLevel, LogMethod>>

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** A logger that gives `write` one line for each message of `least` or above: `2026-11-22T08:00:00.000Z INFO  message field=value`. */
export function createTextLogger(least: LogLevel, write: (line: string) => void): Logger {
  const method = (level: LogLevel): LogMethod => {
    if (levels.indexOf(level) < levels.indexOf(least)) return () => undefined
    const label = level.toUpperCase().padEnd(5)
    return (first: string | object, second?: string) => {
      const message = typeof first === 'string' ? first : (second ?? '')
      const fields: [string, unknown][] = typeof first === 'string' ? [] : Object.entries(first)
      const told = fields.map(([name, value]) => ` ${name}=${format(value)}`)
      write(`${new Date().toISOString()} ${label} ${escapeControls(message)}${told.join('')}\n`)
    }
  }
  return { debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') }
}

function format(value: unknown): string {
  if (typeof value === 'string') return /^[\w.:/@[\]%+-]+$/.test(value) ? value : quote(value)
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Error) return quote(value.message)
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    return escapeControls(JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)))
  } catch {
    return '[object]' // circular
  }
}

function quote(text: string): string {
  return escapeControls(JSON.stringify(text))
}

/** Names and reasons come from peers: none of them may begin a line of its own, or speak to the terminal. */
function escapeControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
