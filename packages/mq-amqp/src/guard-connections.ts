// amqplib takes the frames that come in one piece with connection.open-ok before anybody has the connection. When one of them is an error, a connection.close of the broker
// with 541 say, nobody listens for it, and it ends the process (2.3.1). The class that tells of it is not exported: it is found by its path.
import { createRequire } from 'node:module'
import path from 'node:path'

interface Connection {
  on(event: 'error', listener: () => void): void
}

interface ConnectionModule {
  readonly Connection: { readonly prototype: { open: (this: Connection, ...args: unknown[]) => void } }
}

let isGuarded = false

/** Has every connection of amqplib listen for its errors from its beginning. Whoever has the connection hears of them as before. */
export function guardConnections(): void {
  if (isGuarded) return
  isGuarded = true
  const require = createRequire(import.meta.url)
  let found: ConnectionModule
  try {
    found = require(path.join(path.dirname(require.resolve('amqplib')), 'lib', 'connection.js')) as ConnectionModule
  } catch {
    return // in a bundle
  }
  const { prototype } = found.Connection
  const { open } = prototype
  prototype.open = function (...args) {
    this.on('error', () => undefined)
    open.apply(this, args)
  }
}
