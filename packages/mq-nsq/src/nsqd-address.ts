import { FrontierError } from '@frontier/wire'

/** Where an nsqd is. */
export interface NsqdAddress {
  readonly host: string
  readonly port: number
  /** `host:port`. */
  readonly name: string
}

/** Reads `host:port`, with an IPv6 address in brackets. @throws INVALID_ARGUMENT */
export function parseNsqdAddress(text: string): NsqdAddress {
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+):(\d{1,5})$/i.exec(text) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new FrontierError('INVALID_ARGUMENT', `addresses: ${JSON.stringify(text)} is no host:port of an nsqd`)
  }
  return nsqdAddress(host.replace(/^\[|\]$/g, ''), Number(port))
}

/** Of its parts. */
export function nsqdAddress(host: string, port: number): NsqdAddress {
  return { host, port, name: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}` }
}

/** Reads the address of an nsqlookupd: `host:port`, or an URL. @throws INVALID_ARGUMENT */
export function parseLookupdAddress(text: string): URL {
  const isUrl = /^https?:\/\//.test(text)
  const address = isUrl ? text : `http://${text}`
  if (!URL.canParse(address) || (!isUrl && !/:\d+$/.test(text))) {
    throw new FrontierError('INVALID_ARGUMENT', `lookupdAddresses: ${JSON.stringify(text)} is no host:port of an nsqlookupd, nor an URL of one`)
  }
  return new URL(address)
}
