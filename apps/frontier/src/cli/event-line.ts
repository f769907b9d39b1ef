import type { Event } from '@frontier/controlplane/api'

import { escapeControls } from './escape.js'
import { labelsText } from './listing.js'
import { millisecondsOf, momentText } from './moment.js'
import type { Output } from './output.js'
import { styled, type Style } from './style.js'

/** What can happen, in the order of the API's numbers, which begin at 1. */
export const eventTypes: readonly string[] = ['online', 'offline', 'kick', 'refusal', 'register', 'unregister']

const styles: Partial<Record<string, Style>> = { online: 'green', offline: 'yellow', kick: 'red', refusal: 'red', register: 'cyan', unregister: 'cyan' }
const roles = ['peer', 'edge', 'service']

/** An event on one line: when, what, who, and what is known of it. */
export function eventLine(event: Event, out: Pick<Output, 'hasColors'>): string {
  const type = eventTypes[event.type - 1] ?? `type ${event.type}`
  const style = styles[type]
  const padded = type.padEnd(10)
  const who = [roles[event.role] ?? 'peer', event.id === 0n ? '' : event.id.toString(), quoted(event.name), event.addr].filter((part) => part !== '').join(' ')
  const at = styled(out, 'dim', momentText(millisecondsOf(event.at), true))
  return [at, style === undefined ? padded : styled(out, style, padded), escapeControls([who, ...factsOf(event)].join('  '))].join(' ')
}

function factsOf({ code, reason, method, topic, edge, service }: Event): string[] {
  const peer = edge ?? service
  const facts: [string, string][] = [
    ['', code],
    ['', reason],
    ['method=', quoted(method)],
    ['topic=', quoted(topic)],
    ['labels=', peer === undefined ? '' : labelsText(peer.labels)],
    ['meta=', quoted(edge?.metaText ?? '')],
    ['methods=', peer?.methods.join(',') ?? ''],
    ['topics=', service?.topics.join(',') ?? ''],
  ]
  return facts.filter(([, value]) => value !== '').map(([name, value]) => name + value)
}

function quoted(text: string): string {
  return /\s/.test(text) ? JSON.stringify(text) : text
}
