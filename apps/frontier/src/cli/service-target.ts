import { FrontierError } from '@frontier/wire'

import type { Flag, Positional } from './command.js'
import { escapeControls } from './escape.js'
import type { Input } from './input.js'

/** Whom a ban of services is about: one of the two says so, the other is 0 or empty. */
export interface ServiceTarget {
  readonly serviceId: bigint
  readonly name: string
}

/** What such commands take. */
export const serviceTargetPositionals: readonly Positional[] = [{ name: 'SERVICE', kind: 'id', isOptional: true, summary: 'its id; it need not be online' }]

/** What such commands take instead. */
export const serviceTargetFlags: readonly Flag[] = [{ name: 'name', kind: 'text', placeholder: 'NAME', summary: 'instead of an id: all services of exactly this name' }]

/** Whom the command line names. @throws INVALID_ARGUMENT unless it names one. */
export function serviceTarget(input: Input): ServiceTarget {
  const serviceId = input.id('SERVICE') ?? 0n
  const name = input.text('name') ?? ''
  if ((serviceId === 0n) === (name === '')) throw new FrontierError('INVALID_ARGUMENT', 'give either SERVICE, an id, or --name')
  return { serviceId, name }
}

/** `service 7`, or `services named "x"`. */
export function serviceTargetText({ serviceId, name }: ServiceTarget): string {
  return name === '' ? `service ${serviceId}` : `services named "${escapeControls(name)}"`
}
