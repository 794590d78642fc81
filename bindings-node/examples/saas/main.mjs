// FacturAPI's maintenance: what is due is done, what was missed is made up for, and what is wrong is told.
//
//   npm start
//
// What is due, what has outlived its use and what is healthy is said by the policy, and decided by
// housekeep. This service does what housekeep never does: it reads the clock, keeps the state in
// PostgreSQL, and works on the database and the disk. To make it yours, change policy.toml and jobs.mjs.
//
// Run as many copies as you like: each schedule is run by one of them. What a copy was at when it
// died is begun anew by another, or by itself when it is back. No run that is remembered as done
// begins again.

import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import { Policy } from 'housekeep'
import pg from 'pg'

import { PrismaClient } from './generated/index.js'
import { JOBS } from './jobs.mjs'
import { Service } from './service.mjs'

/** @typedef {Record<'info' | 'warn' | 'error', (message: string) => void>} Log */

const USAGE = `node main.mjs policy.toml
  --folder .    what paths of the policy are relative to
  --beat 10     seconds between two looks at what is due
  --retry 300   seconds after a run that failed
  --every 60    seconds between two looks at how everything is
DATABASE_URL says which database; BACKUP_COMMAND what writes a backup to its output; ALERT_WEBHOOK, if
it is set, who is told.`

/** The policy's connections of the service are known by this name. */
const application_name = 'maintenance'

/**
 * Serves until the process is told to end.
 *
 * @param {string[]} args
 * @param {() => Date} now
 */
export async function main(args, now = () => new Date()) {
  const { file, folder, pauses } = options(args)
  const connectionString = process.env.DATABASE_URL
  if (!connectionString) throw new Error('set DATABASE_URL to postgres://user@host/name')
  const connection = { connectionString, application_name, connectionTimeoutMillis: 10_000 }

  /** @param {string} level @returns {(message: string) => void} */
  const write = level => message => console.log(`${now().toISOString()} ${level} ${message}`)
  const tools = {
    policy: Policy.fromFile(file),
    home: realpathSync(folder),
    client: () => new pg.Client({ ...connection, keepAlive: true }),
    prisma: new PrismaClient({ adapter: new PrismaPg(connection) }),
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    now,
  }
  const stop = new AbortController()
  const service = new Service(tools, JOBS, pauses, stop.signal)
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(name, () => stop.abort(new Error(`told to end by ${name}`)))
  }
  tools.log.info(`it serves ${file}`)
  await service.run()
  tools.log.info('it ends')
}

/** @param {string[]} args */
function options(args) {
  const seconds = { type: /** @type {const} */ ('string') }
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { folder: { type: 'string' }, beat: seconds, retry: seconds, every: seconds },
  })
  const { folder = '.', ...given } = values
  const [file, ...more] = positionals
  if (!file || more.length > 0) throw new Error(`say which policy:\n${USAGE}`)
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`)
  /** @param {'beat' | 'retry' | 'every'} name @param {number} usual */
  const millis = (name, usual) => {
    const seconds = Number(given[name] ?? usual)
    if (seconds > 0 && seconds < 1e6) return 1000 * seconds
    throw new Error(`--${name} is ${given[name]}, and not a number of seconds`)
  }
  const pauses = {
    beat: millis('beat', 10),
    retry: millis('retry', 300),
    every: millis('every', 60),
  }
  return { file, folder, pauses }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const status = await main(process.argv.slice(2)).then(
    () => 0,
    error => {
      console.error(error.message)
      return 1
    },
  )
  // Not to wait for a job that was left: the database may make it wait.
  process.exit(status)
}
