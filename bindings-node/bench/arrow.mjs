// A million rows as Arrow IPC → a plan: the time, and the memory beside the size of the bytes.
// `npm run build:release` first.
//
//   node bench/arrow.mjs [rows] [rounds]

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, now, policy, rows } from './rows.mjs'

const MIB = 2 ** 20
const [count = '1000000', rounds = '9', file] = process.argv.slice(2)

async function ipc() {
  const arrow = await import('apache-arrow')
  const all = rows(Number(count))
  const column = (name, type) => {
    const values = all.map(row => row[name])
    return arrow.vectorFromArray(values, type)
  }
  const table = new arrow.Table({
    id: column('id', new arrow.Int32()),
    task_id: column('task_id', new arrow.Utf8()),
    commit_hash: column('commit_hash', new arrow.Utf8()),
    started_at: column('started_at', new arrow.TimestampMicrosecond('UTC')),
  })
  return arrow.tableToIPC(table, 'stream')
}

/** The most memory that the process has had so far, in bytes; on Linux alone. */
function peak() {
  return Number(readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+)/)?.[1]) * 1024
}

if (file) {
  const { Policy } = await import('../dist/index.mjs')
  const bytes = readFileSync(file)
  const parsed = Policy.parse(policy)
  const before = peak()
  const start = performance.now()
  const plan = parsed.plan('runs', bytes, { now })
  const spent = [performance.now() - start]
  const most = peak() - before
  while (spent.length < Number(rounds)) {
    // Handles that nobody holds are freed on a turn of the event loop.
    await new Promise(resolve => setImmediate(resolve))
    const start = performance.now()
    parsed.plan('runs', bytes, { now })
    spent.push(performance.now() - start)
  }
  console.log(
    `${plan.total} rows, ${(bytes.length / MIB).toFixed(0)} MiB as Arrow IPC, ${plan.drop} drops: ` +
      `${median(spent).toFixed(0)} ms (median of ${rounds}); ` +
      `the first plan took ${(most / MIB).toFixed(0)} MiB more at its peak`,
  )
} else {
  // In a process that has held nothing else.
  const folder = mkdtempSync(join(tmpdir(), 'housekeep-'))
  try {
    const made = join(folder, 'rows.arrow')
    writeFileSync(made, await ipc())
    const self = fileURLToPath(import.meta.url)
    execFileSync(process.execPath, [self, count, rounds, made], { stdio: 'inherit' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
