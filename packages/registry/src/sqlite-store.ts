import type { OrderField, Position } from './peer-role.js'
import { ORDERED_META_BYTES } from './peer-role.js'
import type { SqlDatabase, SqlStatement, SqlValue } from './sqlite-driver.js'
import type {
  AddedChange,
  Change,
  KindNames,
  Role,
  StoredCondition,
  StoredListing,
  StoredPage,
  StoredPeers,
} from './sqlite-messages.js'
import { countSql, estimateSql, fieldsOf, ID_OFFSET, indexSql, labelMark, MARK_OF_KIND, matchSql, pageSql, type Driver, type SqlText } from './sqlite-query.js'

/** Told each statement of a query. */
export type OnSql = (sql: string, tookMs: number) => void

const roles: readonly Role[] = ['edge', 'service']
/** Queries are of few shapes, unless somebody asks for many labels at once. */
const MAX_STATEMENTS = 200
/** Whether more than this have a property makes no difference to who looks for few. */
const MAX_ESTIMATE = 5_000

/** Who is online, in a database: written in batches, and asked. Knows nothing of threads. */
export class SqliteStore {
  readonly #db: SqlDatabase
  readonly #onSql: OnSql | undefined
  readonly #statements = new Map<string, SqlStatement>()
  readonly #indexes = new Set<string>()

  /** `db` is this store's own, and holds what {@link reset} leaves. */
  constructor(db: SqlDatabase, onSql?: OnSql) {
    this.#db = db
    this.#onSql = onSql
  }

  /** Forgets everybody. */
  reset(): void {
    this.#statements.clear()
    this.#indexes.clear()
    const tables = this.#db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).raw().all() as [string][]
    for (const [name] of tables) this.#db.exec(`DROP TABLE "${name.replaceAll('"', '""')}"`)
    for (const role of roles) {
      // tag: what counts for the order of a meta or a name; whole: a meta that is longer.
      this.#db.exec(
        `CREATE TABLE ${role} (seq INTEGER PRIMARY KEY, slot INTEGER NOT NULL, id INTEGER NOT NULL, at REAL NOT NULL,
           address BLOB NOT NULL, tag BLOB NOT NULL, whole BLOB);
         CREATE TABLE ${role}_mark (mark TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (mark, seq)) WITHOUT ROWID;`,
      )
      this.#needIndex(role, 'at')
    }
  }

  /** All of `changes` or none; what is there already, or gone already, does no harm. */
  write(changes: readonly Change[]): void {
    this.#db.exec('BEGIN')
    try {
      for (const change of changes) this.#writeOne(change)
      this.#db.exec('COMMIT')
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  list(role: Role, listing: StoredListing): StoredPage {
    const { conditions, field, limit, offset, size } = listing
    for (const used of [field, ...fieldsOf(conditions)]) this.#needIndex(role, used)
    const driver = this.#driver(role, conditions)
    const count = conditions.length === 0 ? size : this.#number(countSql(role, conditions, driver))
    if (count === 0 || offset >= count) return { slots: new Uint32Array(0), seqs: new Float64Array(0), count, last: undefined }
    const rows = this.#rows(pageSql(role, listing, count, driver))
    const hasMore = rows.length > limit
    if (hasMore) rows.pop()
    return { ...peersOf(rows), count, last: hasMore ? this.#positionOf(role, field, rows.at(-1)![1]!) : undefined }
  }

  match(role: Role, conditions: readonly StoredCondition[]): StoredPeers {
    for (const used of fieldsOf(conditions)) this.#needIndex(role, used)
    return peersOf(this.#rows(matchSql(role, conditions, this.#driver(role, conditions))))
  }

  /** Forgets everybody and closes the database. */
  close(): void {
    try {
      this.reset()
    } finally {
      this.#db.close()
    }
  }

  #writeOne(change: Change): void {
    const { role, seq } = change
    switch (change.do) {
      case 'add':
        this.#insert(change)
        this.#mark(`INSERT OR IGNORE INTO ${role}_mark VALUES (?, ?)`, change)
        return
      case 'remove':
        this.#run(`DELETE FROM ${role} WHERE seq = ?`, seq)
        this.#mark(`DELETE FROM ${role}_mark WHERE mark = ? AND seq = ?`, change)
        return
      case 'name':
        this.#run(`INSERT OR IGNORE INTO ${role}_mark VALUES (?, ?)`, MARK_OF_KIND[change.kind] + change.name, seq)
        return
      case 'unname':
        this.#run(`DELETE FROM ${role}_mark WHERE mark = ? AND seq = ?`, MARK_OF_KIND[change.kind] + change.name, seq)
        return
    }
  }

  #insert({ role, seq, slot, id, at, address, tag }: AddedChange): void {
    const bytes = Buffer.from(tag, role === 'edge' ? 'latin1' : 'utf8')
    const isLong = role === 'edge' && bytes.length > ORDERED_META_BYTES
    const ordered = isLong ? bytes.subarray(0, ORDERED_META_BYTES) : bytes
    const values: SqlValue[] = [seq, slot, id - ID_OFFSET, at, Buffer.from(address), ordered, isLong ? bytes : null]
    this.#run(`INSERT OR REPLACE INTO ${role} VALUES (?, ?, ?, ?, ?, ?, ?)`, ...values)
  }

  #mark(sql: string, { seq, labels, names }: { seq: number; labels: Readonly<Record<string, string>>; names: KindNames }): void {
    for (const [kind, ofKind] of names) for (const name of ofKind) this.#run(sql, MARK_OF_KIND[kind] + name, seq)
    for (const [label, value] of Object.entries(labels)) this.#run(sql, labelMark(label, value), seq)
  }

  #positionOf(role: Role, field: OrderField, seq: number): Position {
    const column = field === 'id' ? 'NULL' : field
    const statement = this.#prepared(`SELECT ${column}, id FROM ${role} WHERE seq = ? -- position`, true)
    const [key, id] = statement.get(seq) as [number | Uint8Array | null, bigint]
    const isText = field === 'address' || (field === 'tag' && role === 'service')
    return { key: isText ? Buffer.from(key as Uint8Array).toString() : key, id: id + ID_OFFSET }
  }

  /** An index that nobody has asked for yet would cost every peer that comes. */
  #needIndex(role: Role, field: OrderField): void {
    const sql = indexSql(role, field)
    if (this.#indexes.has(sql)) return
    this.#timed(sql, () => this.#db.exec(sql))
    this.#indexes.add(sql)
  }

  /** The condition that fewest peers meet: SQLite has no idea of that by itself, as its statistics are of another time. */
  #driver(role: Role, conditions: readonly StoredCondition[]): Driver {
    if (conditions.length === 1) return conditions[0]
    let best: { condition: Driver; estimate: number } = { condition: undefined, estimate: Infinity }
    for (const condition of conditions) {
      const sql = estimateSql(role, condition, MAX_ESTIMATE)
      const estimate = sql === undefined ? Infinity : this.#number(sql)
      if (estimate < best.estimate) best = { condition, estimate }
    }
    return best.condition
  }

  #number(sql: SqlText): number {
    return this.#rows(sql)[0]?.[0] ?? 0
  }

  #rows({ sql, values }: SqlText): number[][] {
    return this.#timed(sql, () => this.#prepared(sql).raw().all(...values)) as number[][]
  }

  #run(sql: string, ...values: SqlValue[]): void {
    this.#prepared(sql).run(...values)
  }

  #prepared(sql: string, hasBigints = false): SqlStatement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear()
      statement = this.#db.prepare(sql)
      if (hasBigints) statement.raw().safeIntegers()
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #timed<T>(sql: string, action: () => T): T {
    if (this.#onSql === undefined) return action()
    const start = performance.now()
    const result = action()
    this.#onSql(sql, performance.now() - start)
    return result
  }
}

function peersOf(rows: readonly (readonly number[])[]): StoredPeers {
  return { slots: Uint32Array.from(rows, (row) => row[0]!), seqs: Float64Array.from(rows, (row) => row[1]!) }
}
