// A guest: an edge. It can sit behind any NAT, it only dials out.
import { connectEdge, isFrontierError, type Edge } from '@frontier/edge'

export interface AgentOptions {
  name: string
  /** Where the guest reads what is said in the room. */
  log: (line: string) => void
}

/** Enters the room as `name`. */
export async function enterRoom(gateway: string, { name, log }: AgentOptions): Promise<Edge> {
  return connectEdge(gateway, {
    meta: name,
    labels: { example: 'chatroom' },
    onMessage: (message) => {
      log(message.text())
    },
    onStatus: (status) => {
      if (status.type === 'retrying' && status.attempt === 2) log(`(no gateway at ${gateway}; still trying. npm start runs one)`)
      if (status.type === 'offline') log(`(the gateway is away: ${status.error.message})`)
      if (status.type === 'online' && status.resumed) log('(back again)')
    },
  })
}

/** Says one line, or asks who is here. Resolves with what there is to tell the guest. */
export async function say(guest: Edge, line: string): Promise<string | undefined> {
  try {
    if (line.trim() === '') return undefined
    if (line === '/who') return `* here are ${(await guest.call('who')).text()}`
    await guest.publish('chat', line)
    return undefined
  } catch (error) {
    // No room, or no gateway, for now: the guest may try again.
    if (isFrontierError(error)) return `(nobody heard it: ${error.message})`
    throw error
  }
}
