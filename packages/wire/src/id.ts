import { FrontierError } from './frontier-error.js'

/** An edge or service id as users may give it; ids are always handed out as bigint. */
export type Id = bigint | number

const MAX_ID = 0xffff_ffff_ffff_ffffn

/**
 * `value` as a bigint of 1 to 2^64-1.
 * @throws ILLEGAL_EDGE_ID when it is out of range, a number that is not a safe integer, or neither number nor bigint.
 */
export function toId(value: Id): bigint {
  const given: unknown = value // what a program without types hands in, or a hook of one returns
  if (typeof given !== 'bigint' && typeof given !== 'number') {
    throw new FrontierError('ILLEGAL_EDGE_ID', `an id is a bigint or a number, not ${given === null ? 'null' : typeof given}`)
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new FrontierError('ILLEGAL_EDGE_ID', `${value} is not a safe integer; give ids above 2^53 as bigint`)
  }
  const id = BigInt(value)
  if (id < 1n || id > MAX_ID) throw new FrontierError('ILLEGAL_EDGE_ID', `${id} is not within 1 to ${MAX_ID}`)
  return id
}

/** The id in `text`, a decimal string, or undefined when it is not one of 1 to 2^64-1. */
export function parseId(text: string): bigint | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined
  const id = BigInt(text)
  return id >= 1n && id <= MAX_ID ? id : undefined
}

/** Upper 32 bits of `id` as a number. */
export function idHigh(id: bigint): number {
  return Number(id >> 32n)
}

/** Lower 32 bits of `id` as a number. */
export function idLow(id: bigint): number {
  return Number(id & 0xffff_ffffn)
}

/** The id with these upper and lower 32 bits. */
export function idFromParts(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low)
}
