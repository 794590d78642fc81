// What the tests share: the repository's corpus, a rule, and Arrow bytes.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { RecordBatchFileWriter, RecordBatchStreamWriter } from 'apache-arrow'
import { Policy } from 'housekeep'
import { parse } from 'smol-toml'

/** The package. */
export const home = fileURLToPath(new URL('..', import.meta.url))
/** The repository's tests. */
export const root = fileURLToPath(new URL('../../tests', import.meta.url))
/** Loads what the package does not export. */
export const internal = createRequire(import.meta.url)

export const now = '2026-02-13T03:00:00Z'

/** A policy of one rule, `runs`: key `task`, time `at`, a window of 10 minutes; and these lines. */
export function policy(...lines) {
  const rule = ['[dedupe.runs]', 'key = ["task"]', 'time = "at"']
  const window = lines.some(line => /^(window|mode = "forever")/.test(line))
    ? []
    : ['window = "10m"']
  return Policy.parse([...rule, ...window, ...lines].join('\n'))
}

/** A folder that is gone after the tests. */
export function folder() {
  const made = mkdtempSync(join(tmpdir(), 'housekeep-'))
  process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}

/** Runs a program, and gives what it says. */
export const program = promisify(execFile)

/** Installs the package into a folder as others get it, without a network, and gives where it is packed. */
export async function installPacked(place) {
  const made = folder()
  const pack = ['pack', '--json', '--pack-destination', made]
  const { stdout } = await program('npm', pack, { cwd: home })
  const tarball = join(made, JSON.parse(stdout)[0].filename)
  writeFileSync(join(place, 'package.json'), '{ "private": true }')
  const install = ['install', '--offline', '--no-audit', '--no-fund', tarball]
  await program('npm', install, { cwd: place })
  return tarball
}

/** The error that something fails with.
 * @returns {any} */
export function refused(work) {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('it was not refused')
}

/** The drops of a dedupe plan.
 * @param {import('housekeep').Plan} plan */
export function duplicates({ drops }) {
  return [...drops].filter(drop => 'keeperId' in drop)
}

/** Collects what nobody holds any more, and runs what is to be done with it. */
export async function collect() {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  await new Promise(resume => setImmediate(resume))
}

/** A table of apache-arrow as IPC bytes. */
export function ipc(table, asFile = false) {
  const writer = asFile ? new RecordBatchFileWriter() : new RecordBatchStreamWriter()
  return writer.writeAll(table).finish().toUint8Array(true)
}

/** Every case of the corpus. */
export function cases() {
  const files = readdirSync(join(root, 'corpus')).filter(name => name.endsWith('.toml'))
  return files.sort().flatMap(file => {
    const read = parse(readFileSync(join(root, 'corpus', file), 'utf8'))
    return /** @type {any[]} */ (read.case)
  })
}

/** Whether Node is asked. */
export function isOurs({ hosts = [] }) {
  return hosts.length === 0 || hosts.includes('node')
}

/** The exact bytes that every host answers with. */
export function expected({ name, ask, fails }) {
  const ending = ask === 'prometheus' && !fails ? 'yml' : 'json'
  return readFileSync(join(root, 'corpus', 'answers', `${name}.${ending}`), 'utf8')
}

/** The text of a case's policy. */
export function policyText({ policy, policy_file }) {
  return policy ?? readFileSync(join(root, policy_file), 'utf8')
}

/** The name and the bytes of a case's rows. */
export function input({ input }) {
  const { format, file, text, hex } = input
  if (file) return { name: file.split('/').pop(), bytes: readFileSync(join(root, file)), format }
  const bytes = hex ? Buffer.from(hex, 'hex') : Buffer.from(text ?? '')
  return { name: `input.${format}`, bytes, format }
}

/** What identifies bytes in a plan's source. */
export function digest(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
