import type { BrokerDriver, BrokerSession, OutgoingMessage, SessionEvents } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'

import { LearnedLimits } from './learned-limits.js'
import { sealEnvelope } from './nsq-envelope.js'
import { isNsqName } from './nsq-name.js'
import type { NsqBridgeOptions } from './nsq-options.js'
import { NsqSession } from './nsq-session.js'
import { resolveOptions } from './resolve-options.js'

/** NSQ for {@link createBrokerBridge}. @throws INVALID_ARGUMENT for options that do not hold. */
export function nsqDriver(options: NsqBridgeOptions): BrokerDriver {
  const settings = resolveOptions(options)
  const limits = new LearnedLimits(settings)
  const isWrapped = settings.envelope === 'json'
  return {
    kind: 'nsq',
    // nsqd answers in order, so a second batch cannot overtake the first on its connection.
    batch: { maxMessages: 512, maxBytes: 1024 * 1024, maxBatches: 4, lingerMs: 0 },
    resend: 'at-least-once',

    check(message: OutgoingMessage): FrontierError | undefined {
      // First of all: nsqjs writes the name into its command as it is, so that a space cuts it off, and what is behind a newline is a command of the edge's own.
      if (!isNsqName(message.target)) {
        return new FrontierError('INVALID_ARGUMENT', 'nsqd takes no topic of that name: at most 64 of . _ - and the letters and digits of ASCII, #ephemeral included')
      }
      if (!isWrapped && message.data.length === 0) return new FrontierError('INVALID_ARGUMENT', 'nsqd takes no empty message')
      const error = limits.denied(message.target)
      if (error !== undefined) return error
      if (!isWrapped) return limits.tooLarge(message.data.length)
      // A body of control characters grows sixfold as JSON. Only near the limit is it sealed to be measured.
      if (limits.tooLarge(6 * message.data.length + 65_536) === undefined) return undefined
      return limits.tooLarge(sealEnvelope(message).length)
    },

    async open(events: SessionEvents, signal: AbortSignal): Promise<BrokerSession> {
      const session = new NsqSession(settings, limits, events)
      await session.open(signal)
      return session
    },
  }
}
