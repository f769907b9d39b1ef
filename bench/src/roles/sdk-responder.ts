import type { Edge } from '@frontier/edge'
import type { Service } from '@frontier/service'

import { requestNames } from '../request-load.js'
import { connectEdges, connectOneService } from '../sdk/connect.js'
import type { ResponderRole } from './role.js'

/** A service of `@frontier/service` or edges of `@frontier/edge` that answer. */
export function sdkResponder(): ResponderRole {
  let ends: (Edge | Service)[] = []
  return {
    info: null,
    commands: {
      async connect(target) {
        const names = requestNames(target.names)
        const isService = target.role === 'service'
        const answering =
          target.kind === 'call'
            ? { methods: Object.fromEntries(names.map((name) => [name, ({ data }: { data: Uint8Array }) => data])) }
            : { onMessage: () => undefined, ...(isService && { topics: names }) }
        ends = isService ? [await connectOneService(target, answering)] : await connectEdges(target, answering)
        return ends.map(({ id }) => String(id))
      },
      async disconnect() {
        await Promise.all(ends.map((end) => end.close()))
        ends = []
      },
    },
  }
}
