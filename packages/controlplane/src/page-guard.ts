import { isIP } from 'node:net'

import type { HttpRequest } from './http-types.js'

/**
 * Whether a request comes from a page that this port has not served itself. Browsers send simple requests of any page to any host, and tell its origin. A port that asks
 * nobody for a token cannot go by the name that it is called by alone: whoever owns a name can have it lead here, and then a page of that name is of this origin.
 */
export function isForeignPage({ headers }: HttpRequest, isOpen: boolean): boolean {
  const { origin, host, ':authority': authority } = headers
  if (origin === undefined) return false
  if (!URL.canParse(origin)) return true
  const page = new URL(origin)
  return page.host !== (authority ?? host) || (isOpen && !isOwnName(page.hostname))
}

function isOwnName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0
}
