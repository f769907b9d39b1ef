import { EventEmitter } from 'node:events'

import { FrontierError } from '@frontier/wire'
import type { ChannelModel } from 'amqplib'
import { describe, expect, it, vi } from 'vitest'

import { tracked, until } from '../test/pending.js'
import { LearnedLimits } from './learned-limits.js'
import { Publisher } from './publisher.js'
import { resolveOptions } from './resolve-options.js'

/** A channel that has room for so many messages, and confirms none. */
class Channel extends EventEmitter {
  readonly ids: string[] = []
  readonly #room: number
  readonly #confirms: ((error: Error) => void)[] = []

  constructor(room: number) {
    super()
    this.#room = room
  }

  publish(...[, , , { messageId }, confirm]: [string, string, Buffer, { messageId: string }, (error: Error) => void]): boolean {
    this.ids.push(messageId)
    this.#confirms.push(confirm)
    return this.ids.length < this.#room
  }

  /** As amqplib tells of it. */
  closeByBroker(error: Error): void {
    this.emit('error', error)
    for (const confirm of this.#confirms.splice(0)) confirm(new Error('channel closed'))
    this.emit('close')
  }
}

/** A publisher, whose first channel has so much room. */
async function open(room: number): Promise<{ publisher: Publisher; channels: Channel[] }> {
  const channels: Channel[] = []
  const createConfirmChannel = (): Promise<Channel> => {
    channels.push(new Channel(channels.length === 0 ? room : Infinity))
    return Promise.resolve(channels.at(-1)!)
  }
  const settings = resolveOptions({ addresses: ['localhost'] })
  const publisher = new Publisher({ createConfirmChannel } as unknown as ChannelModel, settings, new LearnedLimits(settings.maxMessageBytes))
  await publisher.open()
  return { publisher, channels }
}

describe('a publisher', () => {
  it('gives back what it has not sent yet, too, when the broker closes its channel: it comes after what has to be sent again', async () => {
    const { publisher, channels } = await open(3)
    const all = Array.from({ length: 5 }, () => tracked('queue'))
    const ids = all.map(({ message }) => message.id)
    publisher.send(all.map(({ message }) => message))
    expect(channels[0]!.ids).toEqual(ids.slice(0, 3))
    channels[0]!.closeByBroker(Object.assign(new Error('Channel closed by server'), { code: 541 }))
    for (const { settled } of all) expect(settled()).toBe(1)
    for (const { outcome } of all) expect((await outcome).how).toBe('lost')
    publisher.send(all.map(({ message }) => message)) // as the engine does
    await until(() => channels[1]?.ids.length === 5, 'they are sent again')
    expect(channels[1]!.ids).toEqual(ids)
    publisher.end(new FrontierError('BRIDGE_UNAVAILABLE', 'over'))
  })
  it('has a new channel at once after each message that is to blame for the last one', async () => {
    vi.useFakeTimers()
    try {
      const { publisher, channels } = await open(Infinity)
      for (let round = 1; round <= 6; round++) {
        const [bad, good] = [tracked(`secret.${round}`), tracked('good')]
        publisher.send([bad.message, good.message])
        const text = `ACCESS_REFUSED - access to topic 'secret.${round}' in exchange 'amq.topic' in vhost '/' refused for user 'guest'`
        channels.at(-1)!.closeByBroker(Object.assign(new Error(`Channel closed by server: 403 (ACCESS-REFUSED) with message "${text}"`), { code: 403 }))
        expect(await bad.outcome).toMatchObject({ how: 'refused', error: { code: 'PERMISSION_DENIED' } })
        expect((await good.outcome).how).toBe('lost')
        await vi.advanceTimersByTimeAsync(0)
        expect(channels).toHaveLength(round + 1)
      }
      publisher.end(new FrontierError('BRIDGE_UNAVAILABLE', 'over'))
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
