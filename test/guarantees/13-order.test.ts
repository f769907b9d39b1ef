// Messages from one sender to one receiver arrive in the order they were sent, whatever their sizes; a slow handler does not change it.
import { json, type Message } from '@frontier/edge'
import { describe, expect, it, vi } from 'vitest'

import { trio } from '../support/trio.js'

const MESSAGES = 400
/** From one that fits a frame to one of many fragments. */
const sizes = [0, 10, 40_000, 1, 300_000, 64]

/** The nth message: its number, and padding. */
const message = (n: number): ReturnType<typeof json> => json({ n, padding: 'x'.repeat(sizes[n % sizes.length] ?? 0) })
const everyNumber = Array.from({ length: MESSAGES }, (_, n) => n)

/** A handler that takes its time with some. */
function slowly(seen: number[]): (message: Message) => Promise<void> {
  return async (received) => {
    const { n } = received.json<{ n: number }>()
    if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
    seen.push(n)
  }
}

describe.each(['acked', 'at-most-once'] as const)('messages, %s', (delivery) => {
  it('arrive in order from an edge at a service, and from a service at an edge', { timeout: 60_000 }, async () => {
    const [atService, atEdge]: [number[], number[]] = [[], []]
    await using all = await trio({ service: { topics: ['order'], onMessage: slowly(atService) }, edge: { onMessage: slowly(atEdge) } })
    const { edge, service } = all
    await Promise.all(
      everyNumber.flatMap((n) => [edge.publish('order', message(n), { delivery }), service.publish(edge.id, message(n), { delivery })]),
    )
    // Nothing answers an at-most-once message, so it may still be on its way.
    await vi.waitFor(() => expect([atService.length, atEdge.length]).toEqual([MESSAGES, MESSAGES]), { timeout: 20_000 })
    expect(atService).toEqual(everyNumber)
    expect(atEdge).toEqual(everyNumber)
  })
})
