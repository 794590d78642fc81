// PostgreSQL by Prisma.

import type { Step } from '../native.cjs'
import { Database, type Driver, type Row, type Trouble } from './database.cjs'

export type * from './answers.cjs'
export type {
  ApplyOptions,
  ExportOptions,
  PlanTableOptions,
  RestoreOptions,
} from './database.cjs'
export type { Location } from './folder.cjs'

/** What runs a statement: a client of Prisma, or a transaction of it. */
interface Runs {
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>
}

/** What is needed of a client of Prisma, which is not installed with housekeep. */
export interface PrismaClientLike extends Runs {
  /** Of its forms the one that takes a function. */
  $transaction(...given: never[]): Promise<unknown>
}

/** That form. */
type Transacts = (
  work: (transaction: Runs) => Promise<void>,
  options: { maxWait: number; timeout: number; isolationLevel: string },
) => Promise<void>

/** How long a transaction may take: the server's own limits are what ends it. */
const LONGEST_MILLIS = 24 * 60 * 60 * 1000
const PATIENCE_MILLIS = 30_000

/** A database that Prisma connects to. */
export class PrismaDatabase extends Database {
  /**
   * Of a client of Prisma, which stays connected.
   *
   *     new PrismaDatabase(prisma)
   */
  constructor(client: PrismaClientLike) {
    super(async () => new Transactions(client))
  }
}

/** What a transaction that is not to be committed ends with. */
class RolledBack extends Error {}

/** A transaction that has begun, and how it is ended. */
interface Open {
  readonly runs: Runs
  readonly whole: Promise<void>
  commit(): void
  rollback(error: RolledBack): void
}

/** What the server says, where Prisma hands it on. */
interface Cause {
  readonly originalCode?: string
  readonly originalMessage?: string
}

/** Prisma begins a transaction with the start of a function, and ends it with its return. */
class Transactions implements Driver {
  readonly #client: PrismaClientLike
  #open: Open | undefined

  constructor(client: PrismaClientLike) {
    this.#client = client
  }

  begin(statement: string): Promise<void> {
    const isSnapshot = statement.includes('REPEATABLE READ')
    const isolationLevel = isSnapshot ? 'RepeatableRead' : 'ReadCommitted'
    const options = { maxWait: PATIENCE_MILLIS, timeout: LONGEST_MILLIS, isolationLevel }
    return new Promise((begun, failed) => {
      const transacts = this.#client.$transaction.bind(this.#client) as unknown as Transacts
      const whole = transacts(async runs => {
        if (isSnapshot) await runs.$queryRawUnsafe('SET TRANSACTION READ ONLY')
        await new Promise<void>((commit, rollback) => {
          this.#open = { runs, whole, commit, rollback }
          begun()
        })
      }, options)
      // Until it has begun, what goes wrong is of the beginning; later whoever ends it is told.
      whole.catch(failed)
    })
  }

  async exec(statement: string, params: Step['params']): Promise<Row[]> {
    const runs = this.#open?.runs ?? this.#client
    const rows = (await runs.$queryRawUnsafe(statement, ...params)) as Record<string, unknown>[]
    return rows.map(row => Object.values(row) as Row)
  }

  async commit(): Promise<void> {
    const open = this.#take()
    open?.commit()
    await open?.whole
  }

  async rollback(): Promise<void> {
    const open = this.#take()
    open?.rollback(new RolledBack())
    await open?.whole.catch(error => {
      if (!(error instanceof RolledBack)) throw error
    })
  }

  #take(): Open | undefined {
    const open = this.#open
    this.#open = undefined
    return open
  }

  async reconnect(): Promise<void> {
    this.#take()
    // The client connects by itself, if the server can be reached.
    await this.#client.$queryRawUnsafe('SELECT 1')
  }

  async close(): Promise<void> {
    await this.rollback().catch(() => {})
  }

  trouble(error: unknown): Trouble | undefined {
    const { code, message, meta } = Object(error) as {
      code?: string
      message?: string
      meta?: { driverAdapterError?: { cause?: Cause } }
    }
    // Prisma's own numbers: P1001 and the like are of a connection, P2010 of a statement.
    if (code === undefined || !/^P\d{4}$/.test(code)) return undefined
    const cause = meta?.driverAdapterError?.cause
    const sqlstate = cause?.originalCode
    if (sqlstate === undefined || sqlstate.startsWith('57P')) return { lost: message ?? code }
    return { sqlstate, message: cause?.originalMessage ?? message ?? code }
  }
}
