import { describe, expect, it } from 'vitest'

import { channelFault } from './amqp-fault.js'

const closed = (code: number, text: string) => Object.assign(new Error(`Channel closed by server: ${code} (NAME) with message "${text}"`), { code })
const message = (target: string, bytes = 1) => ({ target, data: new Uint8Array(bytes) })

describe('a channel that the broker closed', () => {
  it('over a routing key is the fault of that key', () => {
    const fault = channelFault(closed(403, "ACCESS_REFUSED - access to topic 'a.b' in exchange 'x' in vhost '/' refused for user 'u'"))!
    expect(fault.blame(message('a.b'))).toMatchObject({ code: 'PERMISSION_DENIED', delivered: 'no' })
    expect(fault.blame(message('a'))).toBeUndefined()
    expect(fault).toMatchObject({ deniedKey: 'a.b', isLasting: false })
  })

  it('over a size is the fault of what is larger', () => {
    const fault = channelFault(closed(406, 'PRECONDITION_FAILED - message size 135 is larger than configured max size 100'))!
    expect(fault.blame(message('a', 101))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    expect(fault.blame(message('a', 100))).toBeUndefined()
    expect(fault).toMatchObject({ maxMessageBytes: 100, isLasting: false })
  })

  it.each([
    [404, "NOT_FOUND - no exchange 'x' in vhost '/'", 'RECORD_NOT_FOUND'],
    [403, "ACCESS_REFUSED - cannot publish to internal exchange 'x' in vhost '/'", 'PERMISSION_DENIED'],
    [406, "PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'guest'", 'INVALID_ARGUMENT'],
  ])('with %i is the fault of all', (code, text, expected) => {
    const fault = channelFault(closed(code, text))!
    expect(fault.blame(message('a'))).toMatchObject({ code: expected, delivered: 'maybe', reason: `RabbitMQ: ${text}` })
    expect(fault.isLasting).toBe(true)
  })

  it('with something else is nobody’s fault', () => {
    expect(channelFault(closed(541, 'INTERNAL_ERROR'))).toBeUndefined()
    expect(channelFault(new Error('socket'))).toBeUndefined()
  })
})
