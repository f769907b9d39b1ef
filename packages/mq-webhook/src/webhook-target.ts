import { isTopicPattern, TopicPattern, type BridgeEdge } from '@frontier/exchange'
import { TopicTemplate, type TopicMapping } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/
/** A segment that a URL would take away, and the one before it with it. */
const DOTS = /(^|\/)(\.|%2e){1,2}(\/|$)/i

interface Mapping {
  fits(topic: string): boolean
  readonly to: TopicTemplate
  readonly key: TopicTemplate
}

/** Where messages go, by their topics: the edges' words fill places in paths and queries, and cannot change anything else of a URL. */
export class WebhookTarget {
  readonly #mappings: readonly Mapping[]
  /** Scheme and host of each URL. */
  readonly origins: readonly URL[]

  /** @throws INVALID_ARGUMENT for what is no URL that may be used. */
  constructor(url: string, mappings: readonly TopicMapping[], allowHttp: boolean) {
    const rows = [...mappings, { topic: '*' }]
    this.origins = rows.map(({ to = url }) => originOf(to, allowHttp))
    this.#mappings = rows.map((row) => compile(row, url))
  }

  /** URL and key of a message. @throws INVALID_ARGUMENT when a placeholder cannot be filled. */
  of({ topic, edge }: { readonly topic: string; readonly edge: BridgeEdge }): { url: URL; key: string } {
    const { to, key } = this.#mappings.find((mapping) => mapping.fits(topic))!
    const filled = to.fill({ topic: encoded(topic), edge: { ...edge, labels: Object.fromEntries(Object.entries(edge.labels).map(([name, value]) => [name, encoded(value)])) } })
    const [path = ''] = filled.slice(filled.indexOf('//') + 2).split(/[?#]/)
    if (DOTS.test(path)) throw new FrontierError('INVALID_ARGUMENT', `the topic ${JSON.stringify(topic)}, or a label, makes dots of a part of the path`)
    return { url: new URL(filled), key: key.fill({ topic, edge }) }
  }
}

function compile({ topic, to, key = '{edgeId}' }: TopicMapping, url: string): Mapping {
  const pattern = isTopicPattern(topic) ? new TopicPattern(topic) : undefined
  return {
    fits: pattern === undefined ? (name) => topic === '*' || name === topic : (name) => pattern.fits(name),
    to: new TopicTemplate(to ?? url),
    key: new TopicTemplate(key),
  }
}

/** @throws INVALID_ARGUMENT */
function originOf(text: string, allowHttp: boolean): URL {
  const origin = /^https?:\/\/[^/?#\\]+/i.exec(text)?.[0]
  const fault = (reason: string, cause?: unknown): FrontierError => new FrontierError('INVALID_ARGUMENT', `webhook: ${JSON.stringify(text)} ${reason}`, { cause })
  if (origin === undefined) throw fault('is no http(s) URL')
  if (/[{}]/.test(origin)) throw fault('has a placeholder before its path: edges would choose who is asked')
  let url: URL
  try {
    url = new URL(origin)
    // The rest, with something in its places.
    new URL(text.replaceAll(/[{}]/g, '_'))
  } catch (cause) {
    throw fault('is no URL', cause)
  }
  if (url.username !== '' || url.password !== '') throw fault('has a login: use headers')
  if (url.protocol === 'http:' && !allowHttp && !LOOPBACK.test(url.hostname)) throw fault('is not https: and not on this machine, and allowHttp (mqm.webhook.allow_http) is off')
  return url
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch (cause) {
    throw new FrontierError('INVALID_ARGUMENT', 'a topic or label that is no Unicode text', { cause })
  }
}
