import type { OutgoingMessage, PendingMessage } from '@frontier/mq'
import type { FrontierError } from '@frontier/wire'

export type Outcome = { readonly how: 'done' } | { readonly how: 'refused' | 'lost'; readonly error: FrontierError }

/** A message as the engine would send it, and what became of it. */
export interface Tracked {
  readonly message: PendingMessage
  readonly outcome: Promise<Outcome>
  /** How often it was settled. */
  readonly settled: () => number
}

let count = 0

export function outgoing(target: string, data: string | Uint8Array = 'x', more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return { target, key: '7', partition: undefined, headers: {}, data: bytes, id: `id-${process.pid}-${++count}`, ...more }
}

export function tracked(target: string, data: string | Uint8Array = 'x', more: Partial<OutgoingMessage> = {}): Tracked {
  let resolve: (outcome: Outcome) => void
  let settled = 0
  const outcome = new Promise<Outcome>((done) => (resolve = done))
  const settle = (result: Outcome) => {
    settled++
    resolve(result)
  }
  const message: PendingMessage = {
    ...outgoing(target, data, more),
    done: () => settle({ how: 'done' }),
    refuse: (error) => settle({ how: 'refused', error }),
    lost: (error) => settle({ how: 'lost', error }),
  }
  return { message, outcome, settled: () => settled }
}

/** Polls until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 15_000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
