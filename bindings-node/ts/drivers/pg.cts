// PostgreSQL by node-pg.

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

/** What is needed of a client of node-pg, which is not installed with housekeep. */
export interface PgClient {
  connect(): Promise<unknown>
  query(query: {
    text: string
    values: unknown[]
    rowMode: 'array'
  }): Promise<{ rows: unknown[][] }>
  end(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** A database that node-pg connects to. */
export class PgDatabase extends Database {
  /**
   * Of a function that makes a client, which is not connected yet: another one is made where a
   * connection is lost.
   *
   *     new PgDatabase(() => new pg.Client(process.env.DATABASE_URL))
   */
  constructor(client: () => PgClient) {
    super(() => Connection.open(client))
  }
}

class Connection implements Driver {
  readonly #make: () => PgClient
  #client: PgClient

  private constructor(make: () => PgClient) {
    this.#make = make
    this.#client = make()
  }

  static async open(make: () => PgClient): Promise<Connection> {
    const own = new Connection(make)
    await own.#connect()
    return own
  }

  async #connect(): Promise<void> {
    // A connection that breaks while nothing is asked of it is found out when something is.
    this.#client.on('error', () => {})
    await this.#client.connect()
  }

  async exec(text: string, values: Step['params']): Promise<Row[]> {
    const { rows } = await this.#client.query({ text, values, rowMode: 'array' })
    return rows as Row[]
  }

  async begin(statement: string): Promise<void> {
    await this.exec(statement, [])
  }

  async commit(): Promise<void> {
    await this.exec('COMMIT', [])
  }

  async rollback(): Promise<void> {
    await this.exec('ROLLBACK', [])
  }

  async reconnect(): Promise<void> {
    await this.close()
    this.#client = this.#make()
    await this.#connect()
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {})
  }

  trouble(error: unknown): Trouble | undefined {
    const { code, message = '', detail } = Object(error) as Record<string, string | undefined>
    // What the server says has a SQLSTATE, of five characters; what the client says has none.
    if (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || code.startsWith('57P')) {
      return { lost: message }
    }
    return { sqlstate: code, message: detail ? `${message}: ${detail}` : message }
  }
}
