// Who is called, who is on it, what is muted, and what depends on a report.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HealthReport, HealthState, HousekeepError, Policy } from 'housekeep'
import { policy as dedupe, refused } from './support.mjs'

const TEXT = `
  [check.cpu]
  value    = "cpu"
  warn     = "> 80"
  crit     = "> 90"
  severity = "P1"
  action   = "call"
  repeat   = "30m"
  [check.same_commit]
  each  = "task"
  value = "same_commit"
  crit  = "> 10"
  [group.host]
  of = ["cpu"]
  critical = true
  [severity.P1]
  ack     = "15m"
  resolve = "4h"
  tiers   = [
    { who = "dev", hours = "business" },
    { who = "devops", hours = "!business" },
    { who = "platform", after = "1h" },
  ]
  [hours.business]
  days  = ["mon", "tue", "wed", "thu", "fri"]
  at    = "09:00"
  until = "18:00"
  tz    = "America/Santiago"
`
const policy = Policy.parse(`${TEXT}[apply]\nrequire_checks = ["host"]`)
/** @type {any} */
const untyped = policy

// A Friday, five past ten in the morning in Santiago.
const NOW = Date.UTC(2026, 1, 13, 13, 5)
const now = new Date(NOW)
const at = minutes => new Date(NOW + minutes * 60_000)
const said = minutes => at(minutes).toISOString().replace('.000Z', 'Z')
const bad = { cpu: 95, same_commit: { a: 11, b: 2 } }
const good = { ...bad, cpu: 50 }
const alone = { cpu: 95, same_commit: {} }

// --- Who is called ----------------------------------------------------------------------------

test('who is called, and by when it is to be done', () => {
  const { report, state } = policy.evaluate(bad, { now })
  const [cpu, task] = report.checks
  assert.deepEqual(cpu?.escalation, {
    severity: 'P1',
    raised: said(0),
    called: [{ who: 'dev', at: said(0) }],
    next: { who: 'platform', at: said(60) },
    acknowledgeBy: said(15),
    resolveBy: said(240),
    late: [],
  })
  assert.deepEqual(
    [cpu.muted, cpu.acknowledged, task?.escalation],
    [undefined, undefined, undefined],
  )
  const [told, other] = report.actions
  assert.deepEqual([told?.calls, told?.due, told?.action], [['dev'], said(15), 'call'])
  assert.deepEqual([other?.calls, other?.due], [undefined, undefined])
  const later = policy.evaluate(bad, state, { now: at(60) }).report
  assert.deepEqual(later.checks[0]?.escalation?.late, ['acknowledge'])
  assert.deepEqual(later.actions[0]?.calls, ['platform'])
  assert.ok(Object.isFrozen(cpu.escalation.called))
})

// --- Who is on it -----------------------------------------------------------------------------

test('somebody who is on it needs nobody else', () => {
  const { state } = policy.evaluate(bad, { now })
  const before = state.toJson()
  const onIt = policy.acknowledge(state, 'cpu', { now: at(1) })
  assert.ok(onIt instanceof HealthState)
  assert.equal(state.toJson(), before)
  // Whoever was first is on it.
  assert.ok(policy.acknowledge(onIt, 'cpu', { now: at(2) }).equals(onIt))
  const { report } = policy.evaluate(bad, onIt, { now: at(90) })
  const cpu = report.checks[0]
  assert.equal(cpu?.acknowledged, said(1))
  assert.deepEqual(
    [cpu.escalation?.next, cpu.escalation?.acknowledgeBy, cpu.escalation?.called.length],
    [null, null, 1],
  )
  assert.deepEqual(report.actions, [])
})

test('an instance is acknowledged by itself', () => {
  const { state } = policy.evaluate(bad, { now })
  const onIt = policy.acknowledge(state, 'same_commit', { now: said(0), instance: 'a' })
  const { report } = policy.evaluate(bad, onIt, { now })
  assert.deepEqual(
    report.checks.map(check => check.acknowledged),
    [undefined, said(0), undefined],
  )
})

test('nobody can be on what is not raised', () => {
  const { state } = policy.evaluate(bad, { now })
  /** @type {[any[], string][]} */
  const cases = [
    [[state, 'same_commit', { instance: 'b', now }], 'state.not_raised'],
    [[undefined, 'cpu', { now }], 'state.not_raised'],
    [[null, 'cpu', { now }], 'state.not_raised'],
    [[state, 'cpus', { now }], 'policy.unknown_rule'],
  ]
  for (const [given, code] of cases) {
    assert.equal(refused(() => untyped.acknowledge(...given)).code, code)
  }
  const { help } = refused(() => policy.acknowledge(state, 'same_commit', { now }))
  assert.equal(help, 'there are `cpu`, `same_commit[a]`')
  assert.equal(
    refused(() => dedupe().acknowledge(null, 'cpu', { now })).code,
    'policy.unknown_rule',
  )
})

// --- What is muted ----------------------------------------------------------------------------

test('nobody is told of what is muted', () => {
  for (const names of ['host', ['host'], Object.freeze(['cpu']), '*']) {
    const muted = policy.mute(null, names, { from: now, until: at(60) })
    const { report, state } = policy.evaluate(alone, muted, { now })
    assert.deepEqual([report.status, report.checks[0]?.muted], ['crit', said(60)])
    assert.deepEqual(report.actions, [])
    const after = policy.evaluate(alone, state, { now: at(60) }).report
    assert.equal(after.checks[0]?.muted, undefined)
    assert.deepEqual(
      after.actions.map(({ from, to, calls }) => [from, to, calls]),
      [['ok', 'crit', ['dev', 'platform']]],
    )
  }
})

test('what cannot be muted is refused', () => {
  const { state } = policy.evaluate(bad, { now })
  const cases = [
    ['hosts', { from: now, until: at(1) }, 'policy.unknown_rule'],
    [[], { from: now, until: at(1) }, 'state.bad_mute'],
    ['*', { from: at(1), until: now }, 'state.bad_mute'],
    ['*', { from: now, until: 'noon' }, 'rows.bad_value'],
  ]
  for (const [names, options, code] of cases) {
    assert.equal(refused(() => untyped.mute(state, names, options)).code, code)
  }
})

// --- What depends on a report -----------------------------------------------------------------

test('what is required has to be ok', () => {
  const { report } = policy.evaluate(good, { now })
  assert.deepEqual(policy.required, ['host'])
  const json = report.toJson()
  for (const form of [report, json, Buffer.from(json), new TextEncoder().encode(json)]) {
    assert.equal(policy.require(form, { now: at(60) }), undefined)
    const { code, help } = refused(() => policy.require(form, { now: at(61) }))
    assert.deepEqual([code, help], ['report.not_ok', 'evaluate the checks now, and try again'])
  }
  const error = refused(() => policy.require(policy.evaluate(bad, { now }).report, { now }))
  assert.ok(error instanceof HousekeepError)
  assert.deepEqual([error.code, error.kind], ['report.not_ok', 'data'])
  assert.match(error.message, /^the policy requires that `host` is ok: `host` is crit; /)
  assert.equal(refused(() => policy.require('{}', { now })).code, 'report.syntax')
})

test('a policy that requires nothing is content', () => {
  const free = Policy.parse(TEXT)
  assert.deepEqual([free.required, dedupe().required], [[], []])
  free.require('nothing', { now })
  assert.equal(refused(() => dedupe().require('', { now })).code, 'policy.unknown_rule')
})

// --- What is critical alone -------------------------------------------------------------------

test('what is critical alone', () => {
  const { report } = policy.evaluate(good, { now })
  const critical = report.criticalOnly()
  assert.ok(critical instanceof HealthReport)
  assert.deepEqual([report.status, critical.status, critical.word], ['crit', 'ok', 'healthy'])
  assert.deepEqual([critical.checks.map(({ check }) => check), critical.actions], [['cpu'], []])
  assert.deepEqual(critical.groups, [{ group: 'host', status: 'ok' }])
  assert.equal(critical.toNagios(), "OK: healthy | 'cpu'=50;~:80;~:90\n")
  assert.equal(critical.criticalOnly().toJson(), critical.toJson())
  const none = Policy.parse('[check.a]\nvalue = "a"\ncrit = "> 9"')
  const { code, help } = refused(() => none.evaluate({}, { now }).report.criticalOnly())
  assert.deepEqual([code, help], ['policy.missing_field', 'mark one with `critical = true`'])
})

test('a call that is wrong in itself is a TypeError', () => {
  const { state } = policy.evaluate(bad, { now })
  const end = { from: now, until: at(1) }
  const calls = {
    'the state is a string': () => untyped.acknowledge(state.toJson(), 'cpu', { now }),
    'the check is undefined': () => untyped.acknowledge(state, undefined, { now }),
    'the instance is a number': () => untyped.acknowledge(state, 'cpu', { now, instance: 5 }),
    'the options are undefined': () => untyped.acknowledge(state, 'cpu'),
    '`now` is undefined': () => untyped.acknowledge(state, 'cpu', {}),
    'the state is an object': () => untyped.mute({}, '*', end),
    'the names are a number': () => untyped.mute(state, 5, end),
    'a name is null': () => untyped.mute(state, [null], end),
    '`from` is undefined': () => untyped.mute(state, '*', { until: now }),
    '`until` is a Date that is no time': () =>
      untyped.mute(state, '*', { from: now, until: new Date(Number.NaN) }),
    'the options have no `now`; there are from, until': () =>
      untyped.mute(state, '*', { ...end, now }),
    'the report is an object': () => untyped.require({}, { now }),
    'the options are undefined, ': () => untyped.require(''),
  }
  for (const [message, call] of Object.entries(calls)) {
    const error = refused(call)
    assert.equal(error.name, 'TypeError', error.stack)
    assert.ok(error.message.startsWith(message), error.message)
  }
})

// --- Anything that is said --------------------------------------------------------------------

/** What core writes in snake case. */
function snake(value) {
  if (Array.isArray(value)) return value.map(snake)
  if (typeof value !== 'object' || value === null) return value
  const key = name => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [key(name), snake(one)]))
}

const step = fc.record(
  {
    cpu: fc.constantFrom(50, 85, 95, null),
    minutes: fc.nat(90),
    acknowledge: fc.constantFrom('cpu', 'same_commit', 'none'),
    mute: fc.tuple(fc.constantFrom('*', 'host', 'cpu'), fc.integer({ min: -30, max: 90 })),
  },
  { requiredKeys: ['cpu', 'minutes'] },
)

test('a report has the words of its JSON, whatever is said, and nobody is told of what is muted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), steps => {
      let [minutes, state] = [0, /** @type {HealthState | undefined} */ (undefined)]
      for (const { cpu, minutes: more, acknowledge, mute } of steps) {
        minutes += more
        const moment = { now: at(minutes) }
        try {
          if (acknowledge) state = policy.acknowledge(state, acknowledge, moment)
          if (mute) {
            const [name, length] = mute
            state = policy.mute(state, name, { from: moment.now, until: at(minutes + length) })
          }
        } catch (error) {
          assert.match(error.code, /^(state\.(not_raised|bad_mute)|policy\.unknown_rule)$/)
        }
        const found = policy.evaluate({ ...good, cpu }, state, moment)
        for (const report of [found.report, found.report.criticalOnly()]) {
          const { checks, actions } = JSON.parse(report.toJson())
          assert.deepEqual(snake(report.checks), checks)
          assert.deepEqual(snake(report.actions), actions)
        }
        const muted = found.report.checks.filter(check => check.muted !== undefined)
        /** @param {{ check: string, instance?: string }} one */
        const named = ({ check, instance }) => `${check} ${instance}`
        const told = new Set(found.report.actions.map(named))
        assert.ok(!muted.some(check => told.has(named(check))))
        state = HealthState.fromJson(found.state.toJson())
        assert.ok(state.equals(found.state))
      }
    }),
    { numRuns: 200, seed: 1 },
  )
})
