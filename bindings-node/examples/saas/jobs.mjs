// The jobs, by the names that the policy has for them, and what is done at once when a check says so.
// A job may be done twice, and has to bear that: a run that was cut short begins anew.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PgDatabase } from 'housekeep/drivers/pg'
import { PrismaDatabase } from 'housekeep/drivers/prisma'

import { removeFiles } from './files.mjs'

/**
 * What a job has to work with.
 *
 * @typedef {object} Work
 * @property {import('housekeep').Policy} policy
 * @property {string} home the folder that paths of the policy are relative to
 * @property {() => import('pg').Client} client makes a connection, which is not connected yet
 * @property {import('./generated/index.js').PrismaClient} prisma
 * @property {import('./main.mjs').Log} log
 * @property {Date} now
 * @property {string} claim which run it is of: `weekly/2026-03-08/1`. No other has the same
 * @property {AbortSignal} signal when it is to end
 *
 * @typedef {(work: Work) => Promise<void>} Job
 */

/** @param {Work} work */
const byPg = ({ client }) => new PgDatabase(client)
/** @param {Work} work */
const byPrisma = ({ prisma }) => new PrismaDatabase(prisma)
/** @param {string} claim */
const fileName = claim => claim.replace(/[/:]/g, '-')

/**
 * Removes the rows that a rule says. An export of what goes is kept.
 *
 * @param {Work} work
 * @param {PgDatabase | PrismaDatabase} database
 * @param {string} rule
 */
async function removeRows({ policy, home, claim, now, log, signal }, database, rule) {
  const plan = await database.plan(policy, rule, { now })
  log.info(`${claim}: of ${plan.total} rows of ${plan.table} ${plan.drop} may go`)
  if (plan.drop > 0) {
    const out = join(home, 'exports', fileName(claim), rule)
    await database.export(policy, rule, { now, out, plan })
    signal.throwIfAborted()
    const applied = await database.apply(policy, plan, {
      now,
      export: out,
      confirm: 'yes-delete',
      // Others work on these tables: a session that was used again stays.
      skipChanged: true,
      batch: 10_000,
    })
    for (const { table, rows } of applied.removed) log.info(`${claim}: ${rows} of ${table} went`)
    for (const warning of applied.warnings) log.warn(`${claim}: ${warning}`)
  }
  const { drops, missingIndexes } = await database.verify(policy, rule, { now })
  if (drops > 0) log.warn(`${claim}: ${drops} rows of ${plan.table} go the next time`)
  for (const statement of missingIndexes) log.warn(`${claim}: an index is missing: ${statement}`)
}

/**
 * Writes what BACKUP_COMMAND prints into a file, which has its name once it is whole.
 *
 * @type {Job}
 */
async function backup(work) {
  const { home, claim, log, signal } = work
  const command = process.env.BACKUP_COMMAND
  if (!command) {
    const example = 'pg_dump --format=custom "$DATABASE_URL"'
    throw new Error(`set BACKUP_COMMAND to what writes a backup to its output, such as ${example}`)
  }
  const folder = join(home, 'backups')
  await mkdir(folder, { recursive: true })
  const unfinished = (await readdir(folder)).filter(name => name.endsWith('.partial'))
  for (const name of unfinished) await rm(join(folder, name), { force: true })

  const path = join(folder, `${fileName(claim)}.dump`)
  const file = await open(`${path}.partial`, 'wx')
  try {
    const output = /** @type {const} */ (['ignore', file.fd, 'inherit'])
    const child = spawn(command, { shell: true, stdio: [...output], signal })
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`the backup command failed, with ${code}`)
    const { size } = await file.stat()
    if (size === 0) throw new Error('the backup command wrote nothing')
    await file.sync()
    log.info(`${claim}: ${size} bytes are in ${path}`)
  } finally {
    await file.close()
  }
  await rename(`${path}.partial`, path)
  await removeFiles(work, 'backups')
}

/** @type {Job} */
async function vacuumAnalyze({ prisma }) {
  await prisma.$executeRaw`VACUUM (ANALYZE)`
}

/** @type {Job} */
async function spaceReport({ prisma, claim, log }) {
  /** @type {{ name: string, size: string }[]} */
  const tables = await prisma.$queryRaw`
    SELECT oid::regclass::text AS name, pg_size_pretty(pg_total_relation_size(oid)) AS size
    FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace
    ORDER BY pg_total_relation_size(oid) DESC LIMIT 20`
  for (const { name, size } of tables) log.info(`${claim}: ${name} has ${size}`)
}

/**
 * Ends connections to this database that are idle, if they are as idle as they were planned.
 *
 * @type {Job}
 */
async function idle({ policy, prisma, claim, now, log }) {
  // As JSON, since a Date has no microseconds.
  /** @type {{ one: Record<string, any> }[]} */
  const found = await prisma.$queryRaw`
    SELECT to_json(a) AS one FROM pg_stat_activity AS a WHERE datname = current_database()`
  const rows = found.map(({ one }) => one)
  const drops = [...policy.plan('idle', rows, { now }).drops]
  const [pids, since] = [drops.map(({ id }) => Number(id)), drops.map(({ time }) => time)]
  /** @type {object[]} */
  const ended = await prisma.$queryRaw`
    WITH planned AS MATERIALIZED (
      SELECT pid FROM pg_stat_activity
      JOIN unnest(${pids}::int[], ${since}::timestamptz[]) AS p (pid, state_change)
        USING (pid, state_change)
      WHERE datname = current_database() AND state = 'idle')
    SELECT pid FROM planned WHERE pg_terminate_backend(pid)`
  log.info(
    `${claim}: of ${rows.length} connections ${drops.length} may go, and ${ended.length} went`,
  )
}

/** @type {Record<string, Job>} */
export const JOBS = {
  temp_files: work => removeFiles(work, 'temp'),
  sessions: work => removeRows(work, byPg(work), 'sessions'),
  notifications: work => removeRows(work, byPrisma(work), 'notifications'),
  audit_logs: work => removeRows(work, byPrisma(work), 'audit'),
  logs: work => removeFiles(work, 'logs'),
  exports: work => removeFiles(work, 'exports', 'isDirectory'),
  backup,
  vacuum_analyze: vacuumAnalyze,
  space_report: spaceReport,
  idle,
}

/** @type {Record<string, Job>} */
export const ACTIONS = {
  'free-disk': work =>
    removeFiles({ ...work, policy: work.policy.replace('temp', 'limit.age=0s') }, 'temp'),
  'end-idle': idle,
}
