import type { OutgoingMessage, PendingMessage, SessionEvents } from '@frontier/mq'
import type { FrontierError } from '@frontier/wire'

export type Outcome = { readonly how: 'done' } | { readonly how: 'refused' | 'lost'; readonly error: FrontierError }

/** A message as the engine would send it, and what became of it. */
export interface Tracked {
  readonly message: PendingMessage
  readonly outcome: Promise<Outcome>
}

let count = 0

export function outgoing(target: string, data: string | Uint8Array = 'x', more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return { target, key: '7', partition: undefined, headers: {}, data: bytes, id: `id-${process.pid}-${++count}`, ...more }
}

export function tracked(target: string, data: string | Uint8Array = 'x', more: Partial<OutgoingMessage> = {}): Tracked {
  let resolve!: (outcome: Outcome) => void
  const outcome = new Promise<Outcome>((done) => (resolve = done))
  const message: PendingMessage = {
    ...outgoing(target, data, more),
    done: () => resolve({ how: 'done' }),
    refuse: (error) => resolve({ how: 'refused', error }),
    lost: (error) => resolve({ how: 'lost', error }),
  }
  return { message, outcome }
}

/** What a session told. */
export interface Told extends SessionEvents {
  readonly lost: FrontierError[]
  readonly troubles: FrontierError[]
  recovered: number
}

export function told(): Told {
  const events: Told = {
    lost: [],
    troubles: [],
    recovered: 0,
    onLost: (error) => events.lost.push(error),
    onTrouble: (error) => events.troubles.push(error),
    onRecovered: () => events.recovered++,
  }
  return events
}

let names = 0
export function unique(name: string): string {
  return `frontier-test-${process.pid}-${++names}-${Date.now().toString(36)}-${name}`
}

/** Polls until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 25_000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
