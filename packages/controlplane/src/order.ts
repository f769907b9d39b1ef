import { FrontierError } from '@frontier/wire'

/** An order as requests write it: a field, and which way. */
export interface Order<F extends string> {
  readonly field: F
  readonly direction: 'asc' | 'desc'
}

/**
 * Reads `[+|-]field`, where `fields` says what each name of a field is to the registry. Nothing, or only a sign, is `fallback`; without a sign the direction is `unsigned`.
 * @throws INVALID_ARGUMENT for a field that there is not.
 */
export function parseOrder<F extends string>(text: string, fields: Readonly<Record<string, F>>, fallback: Order<F>, unsigned: 'asc' | 'desc'): Order<F> {
  const [, sign = '', name = ''] = /^([+ -]?)(.*)$/su.exec(text) ?? []
  if (name === '') return fallback
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (field === undefined) {
    throw new FrontierError('INVALID_ARGUMENT', `cannot order by ${JSON.stringify(name.slice(0, 64))}, options: ${Object.keys(fields).join(', ')}`)
  }
  // A bare + in a query string arrives as a space.
  const direction = sign === '' ? unsigned : sign === '-' ? 'desc' : 'asc'
  return { field, direction }
}
