// Copies of the example's service, each a process, on a clock that the test moves; and what they leave.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { execute } from './databases.mjs'
import { home } from './support.mjs'

const CHILD = fileURLToPath(new URL('saas-copy.mjs', import.meta.url))

/**
 * Copies the example into a folder, as whoever makes it theirs does.
 *
 * @param {string} folder
 * @param {(path: string) => boolean} isWanted
 */
export function copyExample(folder, isWanted = () => true) {
  const example = join(folder, 'saas')
  const filter = source => isWanted(source.slice(home.length))
  cpSync(join(home, 'examples', 'saas'), example, { recursive: true, filter })
  return example
}

/** Makes packages of the tests known to what is in a folder. */
export function link(folder, packages) {
  for (const [name, target] of Object.entries(packages)) {
    const path = join(folder, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path)
  }
}

/** What the example depends on, but for housekeep, as the tests have it. */
export const installed = Object.fromEntries(
  ['@prisma', 'pg', 'prisma'].map(name => [name, join(home, 'node_modules', name)]),
)

/** Waits until something is so, and gives what it is. */
export async function until(isSo, seconds = 60) {
  const end = Date.now() + 1000 * seconds
  for (;;) {
    const found = await isSo()
    if (found) return found
    if (Date.now() > end) throw new Error(`it is not so after ${seconds} s: ${isSo}`)
    await sleep(20)
  }
}

/** Copies that share a database, a folder and a clock. */
export class Copies {
  /** @type {Map<string, import('node:child_process').ChildProcess>} */
  running = new Map()
  /** @type {string[]} */
  logs = []
  ahead = 0
  /** What takes longest is the start of a process: there is always one that waits to be a copy. */
  #spare

  /**
   * @param {string} folder
   * @param {string} example where the service is
   * @param {string} policy
   * @param {Record<string, string | undefined>} variables
   * @param {number} retry in seconds
   */
  constructor(folder, example, policy, variables, retry) {
    this.folder = folder
    this.main = pathToFileURL(join(example, 'main.mjs')).href
    this.file = join(folder, 'policy.toml')
    writeFileSync(this.file, policy)
    this.variables = variables
    const pauses = ['--beat', '0.1', '--retry', `${retry}`, '--every', '0.5']
    this.args = [this.file, '--folder', folder, ...pauses]
    this.#spare = this.#fork()
  }

  #fork() {
    const log = join(this.folder, `copy-${this.logs.length}.txt`)
    this.logs.push(log)
    const written = openSync(log, 'a')
    const env = { ...process.env, ...this.variables }
    const child = fork(CHILD, [this.main], { env, stdio: ['ignore', written, written, 'ipc'] })
    closeSync(written)
    const ready = Promise.race([once(child, 'message'), once(child, 'exit')])
    return { child, ready }
  }

  /** Makes it that late, for all of them. */
  setClock(now) {
    this.ahead = +new Date(now) - Date.now()
    for (const child of this.running.values()) child.send({ clock: this.ahead })
  }

  /** How late it is for them. */
  now() {
    return new Date(Date.now() + this.ahead)
  }

  /** Starts a copy. */
  async start(name) {
    const { child, ready } = this.#spare
    if (!(await ready).includes('ready')) throw new Error(`it does not start: ${this.log()}`)
    child.send({ args: this.args, clock: this.ahead })
    this.running.set(name, child)
    this.#spare = this.#fork()
  }

  /** Ends a copy by a signal, and gives what it ends with. */
  async #end(name, signal) {
    const child = this.running.get(name)
    if (!child) throw new Error(`${name} does not run`)
    this.running.delete(name)
    if (child.exitCode !== null) throw new Error(`${name} has ended: ${this.log()}`)
    const ended = once(child, 'exit')
    child.kill(signal)
    return (await ended)[0]
  }

  /** Kills a copy, which is told nothing before. */
  kill(name) {
    return this.#end(name, 'SIGKILL')
  }

  /** Tells a copy to end, and gives what it ends with. */
  stop(name) {
    return this.#end(name, 'SIGTERM')
  }

  /** Kills what is left of them. */
  async close() {
    this.running.set('the spare one', this.#spare.child)
    await Promise.all([...this.running.keys()].map(name => this.kill(name)))
  }

  /** What all of them have logged. */
  log() {
    return this.logs.map(path => readFileSync(path, 'utf8')).join('')
  }

  /** How often the logs say a word of each claim. */
  claims(word) {
    /** @type {Record<string, number>} */
    const counts = {}
    for (const [, claim = ''] of this.log().matchAll(new RegExp(`(\\S+/\\d+): ${word}\\b`, 'g'))) {
      counts[claim] = (counts[claim] ?? 0) + 1
    }
    return counts
  }

  /** Writes a file that was last changed at a time. */
  write(path, at) {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, path)
    utimesSync(file, at, at)
  }
}

/** What is remembered of each run, by its slot. */
export async function remembered(url) {
  return new Map(await execute(url, 'SELECT slot, run::text FROM maintenance.runs'))
}

/** Waits until every schedule has begun. */
export async function begun(url) {
  await until(async () => (await execute(url, "SELECT to_regclass('maintenance.alerts')"))[0][0])
  await until(async () => (await execute(url, 'SELECT FROM maintenance.schedules')).length === 5)
}

/** What is remembered of those that are done. */
export async function done(url) {
  const all = [...(await remembered(url))]
  return new Map(all.filter(([, run]) => JSON.parse(run).state === 'done'))
}

/** The same of one. */
export async function run(url, slot) {
  return JSON.parse((await remembered(url)).get(slot) ?? '{}')
}

/** Everything by which a row of a table that is cleared up can be told, and those of which may go. */
export async function rows(url) {
  const names = await execute(
    url,
    `SELECT 'session ' || id, tenant_id FROM user_sessions
     UNION ALL SELECT id, tenant_id FROM notifications
     UNION ALL SELECT id::text, tenant_id FROM audit_logs`,
  )
  return new Map(names)
}

/** The same of what is in the exports. */
export function exported(copies) {
  const found = new Set()
  const exports = join(copies.folder, 'exports')
  for (const path of readdirSync(exports, { recursive: true, encoding: 'utf8' })) {
    const name = /(user_sessions|notifications|audit_logs)\.json$/.exec(path)?.[1]
    if (!name || path.includes('apply-')) continue
    const prefix = name === 'user_sessions' ? 'session ' : ''
    try {
      const all = JSON.parse(readFileSync(join(exports, path), 'utf8'))
      for (const { id } of all) found.add(prefix + id)
    } catch {
      // It was being written as the copy was killed.
    }
  }
  return found
}
