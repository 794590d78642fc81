// A million objects → a plan, beside the loop that one writes by hand: group by key, sort each
// group, walk it. Both give the same ids. `npm run build:release` first.
//
//   node bench/objects.mjs [rows] [rounds]

import { Policy } from '../dist/index.mjs'
import { median, now, policy, rows } from './rows.mjs'

const [count = 1_000_000, rounds = 7] = process.argv.slice(2).map(Number)
const WINDOW = 10 * 60_000

/** `read` gives the milliseconds of a time. */
function byHand(rows, read) {
  const groups = new Map()
  for (const row of rows) {
    const at = read(row.started_at)
    const key = `${row.task_id}\u0000${row.commit_hash}`
    const group = groups.get(key)
    if (group) group.push({ id: row.id, at })
    else groups.set(key, [{ id: row.id, at }])
  }
  const drops = []
  for (const group of groups.values()) {
    if (group.length < 2) continue
    group.sort((a, b) => b.at - a.at || b.id - a.id)
    let keeper = group[0]
    for (const row of group.slice(1)) {
      if (keeper.at - row.at <= WINDOW) drops.push(row.id)
      else keeper = row
    }
  }
  return drops
}

const times = {
  'Date times': { made: millis => new Date(millis), read: date => date.getTime() },
  'text times': { made: millis => new Date(millis).toISOString(), read: Date.parse },
}
const parsed = Policy.parse(policy)
for (const [name, { made, read }] of Object.entries(times)) {
  const all = rows(count, made)
  const candidates = {
    'by hand': () => byHand(all, read),
    housekeep: () => parsed.plan('runs', all, { now }).dropIds,
  }
  const spent = { 'by hand': [], housekeep: [] }
  const found = {}
  for (let round = 0; round < rounds; round++) {
    for (const [which, run] of Object.entries(candidates)) {
      globalThis.gc?.()
      const start = performance.now()
      found[which] = run()
      spent[which].push(performance.now() - start)
    }
  }
  const [theirs, ours] = [median(spent['by hand']), median(spent.housekeep)]
  const same = found['by hand'].map(String).sort().join() === [...found.housekeep].sort().join()
  console.log(
    `${name}: ${count} objects, ${found.housekeep.length} drops${same ? '' : ' THAT DIFFER'}: ` +
      `by hand ${theirs.toFixed(0)} ms, housekeep ${ours.toFixed(0)} ms, ` +
      `${(theirs / ours).toFixed(2)} times as fast (median of ${rounds} rounds)`,
  )
}
