#!/usr/bin/env node
// npm run chatroom                            you and, when nobody runs it yet, the room
// npm run chatroom -- --name bob              a second guest, in another terminal
// npm run chatroom -- --role room             only the room
// npm run chatroom -- --role guest            only you
// npm run chatroom -- --script "hi;/who"      says these lines and leaves
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { isFrontierError } from '@frontier/edge'
import { enterRoom, say } from './agent.js'
import { openRoom } from './room.js'

const log = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

function readOptions() {
  return parseArgs({
    options: {
      edges: { type: 'string', default: 'tcp://127.0.0.1:30012' },
      services: { type: 'string', default: 'tcp://127.0.0.1:30011' },
      name: { type: 'string', default: process.env['USER'] ?? 'guest' },
      role: { type: 'string', default: 'both' },
      script: { type: 'string' },
    },
  }).values
}

type Options = ReturnType<typeof readOptions>

/** A room of our own, when nobody else runs one. */
async function roomIfMissing(options: Options): Promise<AsyncDisposable | undefined> {
  const probe = await enterRoom(options.edges, { name: '', log })
  try {
    await probe.call('who')
    return undefined
  } catch (error) {
    if (!isFrontierError(error) || error.code !== 'RPC_NOT_ONLINE') throw error
    return await openRoom(options.services, { log: () => undefined })
  } finally {
    await probe.close()
  }
}

async function runRoom(options: Options): Promise<void> {
  const room = await openRoom(options.services, { log })
  process.once('SIGINT', () => void room.drain())
  log('* the room is open, waiting for guests')
  await room.closed
}

async function runGuest(options: Options): Promise<void> {
  const room = options.role === 'both' ? await roomIfMissing(options) : undefined
  const guest = await enterRoom(options.edges, { name: options.name, log })
  log(`* you are ${options.name}; say something, /who asks who is here, Ctrl-D leaves`)
  const lines = options.script?.split(';') ?? createInterface({ input: process.stdin })
  for await (const line of lines) {
    const answer = await say(guest, line)
    if (answer !== undefined) log(answer)
  }
  await guest.drain()
  await room?.[Symbol.asyncDispose]()
}

try {
  const options = readOptions()
  await (options.role === 'room' ? runRoom(options) : runGuest(options))
} catch (error) {
  process.stderr.write(`chatroom: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
