import type { OrderField, Position } from './peer-role.js'
import { ORDERED_META_BYTES } from './peer-role.js'
import type { SqlValue } from './sqlite-driver.js'
import type { Role, StoredCondition, StoredListing } from './sqlite-messages.js'

/** SQL and what is bound to it. */
export interface SqlText {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

/** SQLite's integers are signed: ids are stored less 2^63, so that order and equality hold for all of them. */
export const ID_OFFSET: bigint = 1n << 63n

const columns: Readonly<Record<OrderField, string>> = { at: 'at', id: 'id', address: 'address', tag: 'tag' }

/** The first letter of a mark says what it is. */
export const MARK_OF_KIND: Readonly<Record<'method' | 'topic' | 'name', string>> = { method: 'm', topic: 't', name: 'n' }

/** The mark of a label: no label key can be taken for a part of a value. */
export function labelMark(label: string, value: string): string {
  return `l${label.length.toString()}:${label}${value}`
}

/** The index that an order walks along; made when it is first asked for, but the one by `at`. */
export function indexSql(role: Role, field: OrderField): string {
  const key = field === 'id' ? 'id' : `${columns[field]}, id`
  return `CREATE INDEX IF NOT EXISTS ${role}_${field} ON ${role} (${key})`
}

/** The fields whose indexes these conditions can use. */
export function fieldsOf(conditions: readonly StoredCondition[]): OrderField[] {
  return conditions.flatMap((condition): OrderField[] =>
    condition.is === 'prefix' ? [condition.field] : condition.is === 'time' ? ['at'] : [],
  )
}

/** A search that reads whoever has this one property, and tries the others on them. */
export type Driver = StoredCondition | undefined

/** How many have this property, but no more than `most`: how good a driver it is. Undefined when it drives nothing. */
export function estimateSql(role: Role, condition: StoredCondition, most: number): SqlText | undefined {
  if (condition.is === 'contains') return undefined
  const { from, parts, values } = search(role, [condition], condition)
  return { sql: `SELECT count(*) FROM (SELECT 1 FROM ${from}${where(parts)} LIMIT ?)`, values: [...values, most] }
}

/** How many fit. */
export function countSql(role: Role, conditions: readonly StoredCondition[], driver: Driver): SqlText {
  const { from, parts, values } = search(role, conditions, driver)
  return { sql: `SELECT count(*) FROM ${from}${where(parts)}`, values }
}

/** Slot and arrival number of all that fit. */
export function matchSql(role: Role, conditions: readonly StoredCondition[], driver: Driver): SqlText {
  const { from, parts, values } = joined(role, conditions, driver)
  return { sql: `SELECT p.slot, p.seq FROM ${from}${where(parts)}`, values }
}

/** Slot and arrival number of one page and one more, of `count` that fit. */
export function pageSql(role: Role, listing: StoredListing, count: number, driver: Driver): SqlText {
  const { conditions, field, direction, offset, limit, after, latest, size } = listing
  // Walking the order tries size / count peers for each that fits; sorting reads all that the driver gives.
  const tried = ((offset + limit) * size) / count
  const isWalk = conditions.length === 0 || count > tried || field === onlyField(conditions)
  const { from, parts, values } = isWalk ? walk(role, conditions, field) : joined(role, conditions, driver)
  const order = field === 'id' ? ['p.id'] : [`p.${columns[field]}`, 'p.id']
  if (after !== undefined) {
    const compare = direction === 'asc' ? '>' : '<'
    parts.push(field === 'id' ? `p.id ${compare} ?` : `(${order.join(', ')}) ${compare} (?, ?)`)
    values.push(...positionValues(after))
  }
  if (latest !== Infinity) {
    parts.push('p.seq <= ?')
    values.push(latest)
  }
  // A plus keeps SQLite from walking an order where few fit.
  const by = order.map((column) => `${isWalk ? '' : '+'}${column} ${direction}`).join(', ')
  return {
    sql: `SELECT p.slot, p.seq FROM ${from}${where(parts)} ORDER BY ${by} LIMIT ? OFFSET ?`,
    values: [...values, limit === Infinity ? -1 : limit + 1, offset],
  }
}

interface Search {
  from: string
  parts: string[]
  values: SqlValue[]
}

function walk(role: Role, conditions: readonly StoredCondition[], field: OrderField): Search {
  return { from: `${role} p INDEXED BY ${role}_${field}`, ...partsOf(role, conditions, 'p.seq') }
}

/** As {@link joined}, but without the table of peers where marks say everything. */
function search(role: Role, conditions: readonly StoredCondition[], driver: Driver): Search {
  const isMarksOnly = conditions.every(({ is }) => is === 'name' || is === 'label')
  if (!isMarksOnly || !isMark(driver)) return joined(role, conditions, driver)
  const others = partsOf(role, without(conditions, driver), 'd.seq')
  return { from: `${role}_mark d`, parts: ['d.mark = ?', ...others.parts], values: [markOf(driver), ...others.values] }
}

function joined(role: Role, conditions: readonly StoredCondition[], driver: Driver): Search {
  if (isMark(driver)) {
    const others = partsOf(role, without(conditions, driver), 'p.seq')
    const from = `${role}_mark d CROSS JOIN ${role} p ON p.seq = d.seq`
    return { from, parts: ['d.mark = ?', ...others.parts], values: [markOf(driver), ...others.values] }
  }
  const [field] = driver === undefined ? [] : fieldsOf([driver])
  return { from: `${role} p${field === undefined ? '' : ` INDEXED BY ${role}_${field}`}`, ...partsOf(role, conditions, 'p.seq') }
}

type MarkCondition = Extract<StoredCondition, { is: 'name' | 'label' }>

function isMark(condition: Driver): condition is MarkCondition {
  return condition?.is === 'name' || condition?.is === 'label'
}

function without(conditions: readonly StoredCondition[], driver: StoredCondition): StoredCondition[] {
  return conditions.filter((condition) => condition !== driver)
}

function onlyField(conditions: readonly StoredCondition[]): OrderField | undefined {
  return conditions.length === 1 ? fieldsOf(conditions)[0] : undefined
}

function positionValues({ key, id }: Position): SqlValue[] {
  const stored = id - ID_OFFSET
  if (key === null) return [stored]
  return [typeof key === 'string' ? Buffer.from(key) : key, stored]
}

/** The mark by which the database knows a name or a label. */
function markOf(condition: MarkCondition): string {
  return condition.is === 'name' ? MARK_OF_KIND[condition.kind] + condition.name : labelMark(condition.label, condition.value)
}

function where(parts: readonly string[]): string {
  return parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`
}

/** What has to hold of the peer whose arrival number is `seq`. The plus keeps marks from leading the search. */
function partsOf(role: Role, conditions: readonly StoredCondition[], seq: string): { parts: string[]; values: SqlValue[] } {
  const parts: string[] = []
  const values: SqlValue[] = []
  const add = (part: string, ...more: SqlValue[]): void => {
    parts.push(part)
    values.push(...more)
  }
  for (const condition of conditions) {
    switch (condition.is) {
      case 'seq':
        add('p.seq = ?', condition.seq)
        break
      case 'name':
      case 'label':
        add(`EXISTS (SELECT 1 FROM ${role}_mark m WHERE m.mark = ? AND m.seq = +${seq})`, markOf(condition))
        break
      case 'time':
        if (condition.from > -Infinity) add('p.at >= ?', condition.from)
        if (condition.until < Infinity) add('p.at < ?', condition.until)
        break
      case 'contains':
        add('instr(coalesce(p.whole, p.tag), ?) > 0', Buffer.from(condition.bytes))
        break
      case 'prefix':
        addPrefix(condition, add)
        break
    }
  }
  return { parts, values }
}

function addPrefix({ field, prefix }: Extract<StoredCondition, { is: 'prefix' }>, add: (part: string, ...values: SqlValue[]) => void): void {
  const column = columns[field]
  const bytes = typeof prefix === 'string' ? Buffer.from(prefix) : Buffer.from(prefix)
  const isCut = typeof prefix !== 'string' && bytes.length > ORDERED_META_BYTES
  const first = isCut ? bytes.subarray(0, ORDERED_META_BYTES) : bytes
  add(`p.${column} >= ?`, first)
  const behind = firstBehind(first)
  if (behind !== undefined) add(`p.${column} < ?`, behind)
  if (isCut) add('substr(p.whole, 1, ?) = ?', bytes.length, bytes)
}

/** The first of all bytes that come behind everything with `prefix`; undefined when nothing does. */
function firstBehind(prefix: Buffer): Buffer | undefined {
  let length = prefix.length
  while (length > 0 && prefix[length - 1] === 0xff) length--
  if (length === 0) return undefined
  const behind = Buffer.from(prefix.subarray(0, length))
  behind[length - 1]!++
  return behind
}
