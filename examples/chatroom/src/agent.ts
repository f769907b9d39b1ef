// A guest: an edge. It can sit behind any NAT, it only dials out.
import { connectEdge, type Edge } from '@frontier/edge'

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
      if (status.type === 'offline') log(`(the gateway is away: ${status.error.message})`)
      if (status.type === 'online' && status.resumed) log('(back again)')
    },
  })
}

/** Says one line, or asks who is here. */
export async function say(guest: Edge, line: string): Promise<string | undefined> {
  if (line.trim() === '') return undefined
  if (line === '/who') return `* here are ${(await guest.call('who')).text()}`
  await guest.publish('chat', line)
  return undefined
}
