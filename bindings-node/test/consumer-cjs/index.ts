// A project in CommonJS. `npm test` compiles it strictly against the packed package, and runs it.

import assert = require('node:assert/strict')
import housekeep = require('housekeep')

const { HousekeepError, Policy } = housekeep

const policy = Policy.parse('[dedupe.runs]\nkey = ["task"]\ntime = "at"\nwindow = "10m"')
const now: housekeep.Time = '2026-02-13T03:00:00Z'

async function main(): Promise<void> {
  const plan: housekeep.Plan = await policy.planAsync('runs', 'id,task,at', { now, format: 'csv' })
  assert.equal(plan.total, 0)
  const detailed: housekeep.AsyncPlanOptions = { now, decisions: true, format: 'csv' }
  const logs = policy.replace('runs', 'window=5m')
  await assert.rejects(logs.planAsync('runs', 'id,task,at', detailed), { code: 'policy.conflict' })
  const compared: housekeep.Compare = policy.compare('runs', '[]', policy, { now })
  assert.deepEqual(compared.onlyA, [])
  await assert.rejects(policy.planAsync('nuns', [], { now }), HousekeepError)

  const checks = Policy.parse('[check.queue]\nvalue = "queue"\nwarn = "> 100"')
  const { report, state }: housekeep.Evaluation = checks.evaluate({ queue: 1n }, { now })
  assert.equal(report.status satisfies housekeep.Status, 'unknown')
  assert.ok(housekeep.HealthState.fromJson(state.toJson()).equals(state))

  const imported = await import('housekeep')
  assert.equal(imported.HousekeepError, HousekeepError)
  assert.equal(imported.HealthState, housekeep.HealthState)
  console.log('fine')
}

main()
