import { connectService } from '@frontier/service'

import { ECHO } from '../load.js'
import type { ResponderRole } from './role.js'

/** A service of `@frontier/service`. */
export function sdkResponder(): ResponderRole {
  return {
    info: null,
    commands: {
      async connect({ port }) {
        await connectService(`tcp://127.0.0.1:${port}`, { name: ECHO, methods: { [ECHO]: ({ data }) => data } })
      },
    },
  }
}
