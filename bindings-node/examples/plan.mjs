// El Ruso's runs: which are duplicates, and why. Nothing is deleted.
//
//   node examples/plan.mjs

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Policy } from 'housekeep'

const folder = new URL('../../tests/scenarios/elruso/', import.meta.url)
const policy = Policy.fromFile(new URL('policy.toml', folder))
const rows = readFileSync(new URL('run_logs.json', folder))

const plan = policy.plan('runs', rows, {
  now: '2026-02-13T03:00:00Z',
  source: { 'run_logs.json': `sha256:${createHash('sha256').update(rows).digest('hex')}` },
})

console.log(`${plan.total} rows: ${plan.keep} stay, ${plan.drop} go (${plan.advice})`)
for (const { id } of plan.drops) console.log(`- ${plan.explain(id).sentence}`)
