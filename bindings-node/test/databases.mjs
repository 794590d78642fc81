// Databases of the tests' own, on the servers that `tests/postgres.sh` starts.

import { readFileSync } from 'node:fs'

import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { PgDatabase } from 'housekeep/drivers/pg'
import { PrismaDatabase } from 'housekeep/drivers/prisma'
import pg from 'pg'

const VARIABLES = ['HOUSEKEEP_TEST_DATABASE_URL', 'HOUSEKEEP_TEST_OTHER_DATABASE_URL']
const SCENARIOS = new URL('../../tests/scenarios/', import.meta.url)
let count = 0

/** The servers there are. Without one the tests fail: a skipped test proves nothing. */
export function servers() {
  const found = VARIABLES.map(name => process.env[name]).filter(url => url !== undefined)
  if (found.length === 0) throw new Error('no server: run `tests/postgres.sh make test-node`')
  return found
}

/** Runs statements, and gives the rows of the last. */
export async function execute(url, text) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const found = await client.query({ text, rowMode: 'array' })
    return (Array.isArray(found) ? found.at(-1) : found).rows
  } finally {
    await client.end()
  }
}

/** A file of a system. */
export const read = (system, file) => readFileSync(new URL(`${system}/${file}`, SCENARIOS), 'utf8')

/** Makes a database, of a kind, for as long as `work` takes. */
export async function withDatabase(server, like, work) {
  const name = `housekeep_node_${process.pid}_${count++}`
  await execute(server, `CREATE DATABASE ${name} ${like}`)
  try {
    await work(server.replace(/[^/]*$/, name))
  } finally {
    await execute(server, `DROP DATABASE ${name} WITH (FORCE)`)
  }
}

/** The same with the tables of a system and so many rows. */
export const withTables = (system, server, rows, work) =>
  withDatabase(server, '', async url => {
    await execute(url, read(system, 'schema.sql'))
    await execute(url, read(system, 'fill.sql').replaceAll(':rows', String(rows)))
    await work(url)
  })

/** Every row of every table as text, and where each sequence stands. */
export async function content(url) {
  const names = await execute(
    url,
    `SELECT quote_ident(relname) FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') ORDER BY 1`,
  )
  const all = {}
  for (const [name] of names) {
    const rows = `SELECT (to_jsonb(t) - 'log_cnt')::text FROM (SELECT * FROM ${name}) t ORDER BY 1`
    all[name] = (await execute(url, rows)).flat()
  }
  return all
}

/**
 * Each driver: makes its database, and what ends it.
 *
 * @type {Record<string, (url: string) => [PgDatabase | PrismaDatabase, () => Promise<void>]>}
 */
export const DRIVERS = {
  pg: url => [new PgDatabase(() => new pg.Client(url)), async () => {}],
  prisma: url => {
    const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
    return [new PrismaDatabase(client), () => client.$disconnect()]
  },
}
