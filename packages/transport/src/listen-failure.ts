import { FrontierError } from '@frontier/wire'

import { formatAddress, type Address } from './address.js'
import { describeSystemError, systemCode } from './system-error.js'

function reasonOf(address: Address, error: unknown): string {
  const isPort = address.transport === 'tcp' || address.transport === 'tls'
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return isPort ? `port ${address.port} is in use` : 'the path is in use'
    case 'EADDRNOTAVAIL':
      return isPort ? `${address.host} is no address of this machine` : describeSystemError(error)
    case 'EACCES':
    case 'EPERM': // libuv says EACCES for a missing folder, too
      return isPort ? `no permission to use port ${address.port}` : 'there is no such folder, or no permission to make a socket in it'
    case 'ENOTFOUND':
      return isPort ? `the host name ${address.host} is not known` : describeSystemError(error)
    default:
      return describeSystemError(error)
  }
}

/** What `listen` fails with: the address, and the reason in plain words. */
export function listenFailed(address: Address, cause: unknown): FrontierError {
  return new FrontierError('UNAVAILABLE', `cannot listen on ${formatAddress(address)}: ${reasonOf(address, cause)}`, { cause })
}
