import { connectService } from '@frontier/service'

import type { IdServiceRole } from './role.js'

/** A service of `@frontier/service` that gives each edge its id. */
export function idService(): IdServiceRole {
  let lastId = 0
  return {
    info: null,
    commands: {
      async connect({ port }) {
        await connectService(`tcp://127.0.0.1:${port}`, { name: 'ids', hooks: { getEdgeId: () => ++lastId } })
      },
    },
  }
}
