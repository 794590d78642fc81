// A project in ES modules. `npm test` compiles it strictly against the packed package, and runs it.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import {
  type Action,
  type Call,
  type CheckReport,
  type Drop,
  type ErrorCode,
  type Explanation,
  type HealthReport,
  HealthState,
  HousekeepError,
  type Metrics,
  type Options,
  Plan,
  type PlanOptions,
  Policy,
  type Reason,
  type Rows,
  type Stay,
} from 'housekeep'

interface Run {
  id: number
  task: string | null
  at: Date
}

const policy = Policy.parse('[dedupe.runs]\nkey = ["task"]\ntime = "at"\nwindow = "10m"')
const runs: readonly Run[] = [0, 1, 2].map(id => ({ id, task: 'T', at: new Date(id * 60_000) }))
const options: Options = { now: new Date(Date.UTC(2026, 0)), source: { rows: 'made' } }

const plan: Plan = policy.plan('runs', runs, options)
assert.deepEqual(plan.dropIds, ['0', '1'])

/** Every reason, and what comes with it: a missed one would not compile. */
function evidence(drop: Drop): string {
  switch (drop.why) {
    case 'within_window':
    case 'same_key':
      // @ts-expect-error only a chained drop has a neighbour
      drop.viaId
      return drop.gap
    case 'chained':
      return `${drop.viaId} ${drop.viaGap}`
    case 'same_bucket':
      return drop.bucket
    case 'over_age':
    case 'over_count':
    case 'over_bytes':
    case 'period_taken':
    case 'period_covered':
    case 'count_full':
    case 'too_old':
    case 'not_about':
      // @ts-expect-error only of a duplicate does another row stay
      drop.keeperId
      return reason(drop.reasons[0])
    default:
      return drop satisfies never
  }
}
assert.deepEqual([...plan.drops].map(evidence), ['2m', '1m'])

function reason({ rule, why, n, of, age, limit }: Reason): string {
  return [rule, why, n?.toFixed(), of?.toFixed(), age, limit].filter(Boolean).join(' ')
}

function keeper(said: Explanation): string | undefined {
  // @ts-expect-error not every decision has a keeper
  said.keeper
  return said.decision === 'drop' && 'keeper' in said ? said.keeper.id : undefined
}
assert.equal(keeper(plan.explain(0)), '2')
assert.equal(keeper(policy.explain('runs', runs, 2n, options)), undefined)

const forms: Rows[] = [
  runs,
  new Set(runs),
  { id: BigInt64Array.of(0n, 1n, 2n), task: ['T', 'T', 'T'], at: runs.map(run => run.at) },
  JSON.stringify(runs),
  new TextEncoder().encode(JSON.stringify(runs)),
]
for (const rows of forms) assert.equal(policy.plan('runs', rows, options).toJson(), plan.toJson())

const swept = await policy.sweepAsync('runs', runs, {
  ...options,
  windows: ['1m', '2m'],
  signal: AbortSignal.timeout(10_000),
})
assert.equal(swept.windows[0]?.anchor.drop, 1)
const window: string | null = swept.smallestWindow
assert.equal(window, '1m')

const logs = Policy.from({ retention: { logs: { time: 'at', by: ['task'], limit: { count: 1 } } } })
const detailed: PlanOptions = { ...options, decisions: true }
const outlived: Plan = logs.plan('logs', runs, detailed)
assert.deepEqual([...outlived.drops].map(evidence), [
  'retention.logs.limit.count over_count 3 1',
  'retention.logs.limit.count over_count 2 1',
])

/** Every decision, and what comes with it. */
function stays(stay: Stay): string | null {
  switch (stay.decision) {
    case 'keep': {
      const time: string = stay.time
      return `${time} ${stay.reasons[0].why}`
    }
    case 'block':
    case 'skip':
      // @ts-expect-error what is left alone may have no time
      stay.time.length
      return stay.dueAt
    default:
      return stay satisfies never
  }
}
// @ts-expect-error not every plan lists what stays
outlived.keeps.length
assert.deepEqual([...(outlived.keeps ?? [])].map(stays), ['1970-01-01T00:02:00Z within_limits'])
const [oldest] = outlived.oldestKept ?? []
const task: string | boolean | null | undefined = oldest?.group.task
assert.equal(task, 'T')
const kinds: ('dedupe' | 'retention')[] = [plan.kind, outlived.kind]
assert.deepEqual(kinds, ['dedupe', 'retention'])

function due(said: Explanation): string | undefined {
  return said.decision === 'keep' && 'reasons' in said ? said.dueAt : undefined
}
assert.equal(due(logs.explain('logs', runs, 2, options)), undefined)

const checks = Policy.parse(`
  [check.queue]
  value  = "queue.length"
  warn   = "> 100"
  action = "scale"
  [check.backup]
  value = "age(backup)"
  expect = "< 24h"
`)
const measured: Metrics = { queue: { length: 101 }, backup: { value: options.now, at: null } }
const first = checks.evaluate(measured, { now: options.now })
const report: HealthReport = first.report
const word: 'healthy' | 'degraded' | 'unknown' | 'unhealthy' = report.word
assert.equal(word, 'degraded')
const next = checks.evaluate(
  { 'queue.length': Number.NaN, backup: [[new Date(), true]] },
  HealthState.fromJson(first.state.toJson()),
  { now: options.now },
)
const critical: string | null = next.report.critical
assert.equal(critical, null)

/** Every reason, and what comes with it. */
function because(check: CheckReport): string {
  switch (check.reason) {
    case 'fine':
      // @ts-expect-error no threshold is met
      check.bound
      return check.value.toFixed()
    case 'met':
    case 'idle':
      return check.bound
    case 'pending':
    case 'kept':
      return `${check.pending.to} ${check.pending.at}`
    case 'not_clear':
      return check.bound ?? check.level
    case 'missing':
      // @ts-expect-error there is no number
      check.value?.toFixed()
      return check.missing === 'stale' ? check.age : check.missing
    default:
      return check satisfies never
  }
}
assert.deepEqual(report.checks.map(because), ['0', '> 100'])
assert.deepEqual(next.report.checks.map(because), ['not_an_instant', 'not_a_number'])
const told: readonly Action[] = report.actions
assert.equal(told[0]?.action, 'scale')

const moment = { now: options.now }
const onIt: HealthState = checks.acknowledge(first.state, 'queue', moment)
const silent = checks.mute(onIt, ['queue'], { from: 0n, until: '9999-01-01T00:00:00Z' })
const asked: string[] = checks.required
assert.deepEqual(asked, [])
checks.require(report, moment)
const queue: CheckReport | undefined = checks.evaluate(measured, silent, moment).report.checks[1]
const muted: string | undefined = queue?.muted
assert.equal(muted, '9999-01-01T00:00:00Z')
const called: readonly Call[] | undefined = queue?.escalation?.called
const late: 'acknowledge' | 'resolve' | undefined = queue?.escalation?.late[0]
const calls: readonly string[] | undefined = told[0]?.calls
const by: string | null | undefined = queue?.escalation?.resolveBy ?? told[0]?.due
assert.deepEqual([called, late, calls, by], [undefined, undefined, undefined, undefined])

function wrong() {
  // @ts-expect-error when it ends is not said
  checks.mute(onIt, '*', { from: 0n })
  // @ts-expect-error the instance is text
  checks.acknowledge(onIt, 'queue', { now: 0n, instance: 5 })
  // @ts-expect-error a state is no report
  checks.require(onIt, moment)
  // @ts-expect-error `now` is required
  checks.evaluate(measured, first.state)
  // @ts-expect-error a state is no text
  checks.evaluate(measured, first.state.toJson(), options)
  // @ts-expect-error a function is no metric
  checks.evaluate({ queue: () => 1 }, { now: 0n })
  // @ts-expect-error a sample has a time
  checks.evaluate({ queue: [1, 2] }, { now: 0n })
  // @ts-expect-error a state is not made by hand
  new HealthState()
  // @ts-expect-error an explanation has its reasons anyway
  logs.explain('logs', runs, 1, { ...options, decisions: true })
  // @ts-expect-error true or false
  logs.plan('logs', runs, { ...options, decisions: 'all' })
  // @ts-expect-error `now` is required
  policy.plan('runs', runs, {})
  // @ts-expect-error a number has no unit
  policy.plan('runs', runs, { now: 0 })
  // @ts-expect-error a plan has no windows
  policy.plan('runs', runs, { ...options, windows: [] })
  // @ts-expect-error a sync call cannot be aborted
  policy.plan('runs', runs, { ...options, signal: AbortSignal.abort() })
  // @ts-expect-error unset is not `undefined`
  policy.plan('runs', runs, { ...options, threads: undefined })
  // @ts-expect-error of numbers there are no rows
  policy.plan('runs', [1, 2], options)
  // @ts-expect-error no such format
  policy.plan('runs', '', { ...options, format: 'xml' })
  // @ts-expect-error an answer is not to be written to
  plan.total = 0
  // @ts-expect-error nor is a policy made by hand
  new Policy()
}
assert.equal(typeof wrong, 'function')

try {
  policy.plan('nuns', runs, options)
  assert.fail()
} catch (error) {
  if (!(error instanceof HousekeepError)) throw error
  const code: ErrorCode = error.code
  assert.equal(code, 'policy.unknown_rule')
  const { help }: { help?: string } = error
  assert.equal(help, 'did you mean `runs`?')
  // @ts-expect-error no such code
  const none: ErrorCode = 'policy.unknown'
  assert.notEqual(code, none)
}

// One class, in both module systems.
const required = createRequire(import.meta.url)('housekeep')
assert.equal(required.HousekeepError, HousekeepError)
assert.equal(required.Plan, Plan)
console.log('fine')
