// The room: a service. It hears who comes and goes, and passes on what they say.
import { connectService, type Service } from '@frontier/service'

export interface RoomOptions {
  /** Where the room tells what happens in it. */
  log: (line: string) => void
}

/** Opens the room on a gateway; it stays open until the returned service is closed. */
export async function openRoom(gateway: string, { log }: RoomOptions): Promise<Service> {
  const guests = new Map<bigint, string>()
  const tellAll = async (line: string, except?: bigint): Promise<void> => {
    log(line)
    const others = [...guests.keys()].filter((id) => id !== except)
    // One guest who has just left, or is slow, must not keep the others from hearing it.
    await Promise.allSettled(others.map((id) => room.publish(id, line, { timeoutMs: 5_000 })))
  }
  const room = await connectService(gateway, {
    name: 'chatroom',
    topics: ['chat'],
    hooks: {
      snapshot: true,
      edgeOnline: ({ edgeId, meta }) => {
        // An edge without a name only looks in.
        if (meta.length === 0) return
        const name = new TextDecoder().decode(meta)
        guests.set(edgeId, name)
        // A guest can be called once this handler has returned, so the news is told behind it.
        setImmediate(() => void tellAll(`* ${name} came in`))
      },
      edgeOffline: async ({ edgeId }) => {
        const name = guests.get(edgeId)
        guests.delete(edgeId)
        if (name !== undefined) await tellAll(`* ${name} left`)
      },
    },
    methods: { who: () => [...guests.values()].sort().join(', ') },
    onMessage: async (message) => {
      await tellAll(`${guests.get(message.edgeId) ?? 'somebody'}: ${message.text()}`, message.edgeId)
    },
  })
  return room
}
