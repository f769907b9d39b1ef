/** A `google.protobuf.Timestamp` or `Duration`, as plain fields. */
export interface SecondsAndNanos {
  readonly seconds: bigint
  readonly nanos: number
}

/** Milliseconds as the API has them: since 1970 for a moment, or a length of time. */
export function timestampOf(milliseconds: number): { seconds: bigint; nanos: number } {
  const seconds = Math.floor(milliseconds / 1000)
  return { seconds: BigInt(seconds), nanos: Math.round((milliseconds - seconds * 1000) * 1e6) }
}

/** The other way; undefined stays undefined. */
export function millisecondsOf<T extends SecondsAndNanos | undefined>(time: T): number | (T extends undefined ? undefined : never) {
  if (time === undefined) return undefined as T extends undefined ? undefined : never
  return Number(time.seconds) * 1000 + time.nanos / 1e6
}

/** `2026-11-22 08:00:00` in UTC, with milliseconds when asked for; `-` for no moment. */
export function momentText(unixMs: number | undefined, withMilliseconds = false): string {
  if (unixMs === undefined) return '-'
  return new Date(unixMs).toISOString().slice(0, withMilliseconds ? 23 : 19).replace('T', ' ')
}

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds in `text`: numbers with ms, s, m, h or d, as `1h30m`; 0 may go without. undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined
  let milliseconds = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    milliseconds += Number(amount) * units[unit as keyof typeof units]
  }
  return Number.isSafeInteger(Math.round(milliseconds)) ? milliseconds : undefined
}

/** A length of time in its two largest units: `3d 4h`, `12s`, `250ms`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}ms`
  let left = Math.floor(milliseconds / 1000) * 1000
  const parts: string[] = []
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const amount = Math.floor(left / units[unit])
    left -= amount * units[unit]
    if (amount > 0) parts.push(`${amount}${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ')
}
