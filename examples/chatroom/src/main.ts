#!/usr/bin/env node
// npm run chatroom                            you and, when nobody runs it yet, the room
// npm run chatroom -- --name bob              a second guest, in another terminal
// npm run chatroom -- --role room             only the room
// npm run chatroom -- --script "hi;/who"      says these lines and leaves
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { isFrontierError } from '@frontier/wire'
import { enterRoom, say } from './agent.js'
import { openRoom } from './room.js'

const { values } = parseArgs({
  options: {
    edges: { type: 'string', default: 'tcp://127.0.0.1:30012' },
    services: { type: 'string', default: 'tcp://127.0.0.1:30011' },
    name: { type: 'string', default: process.env['USER'] ?? 'guest' },
    role: { type: 'string', default: 'both' },
    script: { type: 'string' },
  },
})
const log = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

async function* lines(): AsyncIterable<string> {
  if (values.script === undefined) yield* createInterface({ input: process.stdin })
  else yield* values.script.split(';')
}

/** The room of somebody else, or one of our own. */
async function roomIfMissing(): Promise<AsyncDisposable | undefined> {
  const probe = await enterRoom(values.edges, { name: '', log: () => undefined })
  try {
    await probe.call('who')
    return undefined
  } catch (error) {
    if (!isFrontierError(error) || error.code !== 'RPC_NOT_ONLINE') throw error
    return await openRoom(values.services, { log: () => undefined })
  } finally {
    await probe.close()
  }
}

if (values.role === 'room') {
  const room = await openRoom(values.services, { log })
  process.once('SIGINT', () => void room.drain())
  log(`* the room is open, waiting for guests`)
  await room.closed
} else {
  const room = values.role === 'both' ? await roomIfMissing() : undefined
  const guest = await enterRoom(values.edges, { name: values.name, log })
  log(`* you are ${values.name}; say something, /who asks who is here, Ctrl-D leaves`)
  for await (const line of lines()) {
    const answer = await say(guest, line)
    if (answer !== undefined) log(answer)
  }
  await guest.drain()
  await room?.[Symbol.asyncDispose]()
}
