// The corpus: the same bytes as from Rust, the program and Python.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { HealthState, HousekeepError, Plan, Policy, ScheduleState } from 'housekeep'
import { parse } from 'smol-toml'
import { cases, digest, expected, input, isOurs, policyText, root } from './support.mjs'

const ours = cases().filter(isOurs)

/** What Node answers; `rows` are the case's in some form, and `options` say how they are read. */
function ask(one, policy, rows, options) {
  const { ask, rule, id, decisions = false } = one
  const changed = one.with ? policy.replace(rule, ...one.with) : policy
  switch (ask) {
    case 'plan':
      return changed.plan(rule, rows, { ...options, decisions })
    case 'sweep':
      return changed.sweep(rule, rows, { ...options, windows: one.windows ?? [] })
    case 'compare':
      return policy.compare(rule, rows, changed, options)
    case 'explain': {
      const { source: _, ...rest } = options
      return changed.explain(rule, rows, id, rest)
    }
    default:
      throw new Error(`nobody can ask for ${ask}`)
  }
}

/** All reports and the last state, which goes through JSON between two steps. `read` makes metrics
 * of their text. */
function health({ steps, state }, policy, read = text => text) {
  let [answers, memory] = ['', state]
  for (const { now, metrics, acknowledge, mute, resume } of steps) {
    let before = memory === undefined ? undefined : HealthState.fromJson(memory)
    if (acknowledge) {
      const [check, ...rest] = acknowledge
      const instance = rest.length > 0 ? { instance: rest[0] } : {}
      before = policy.acknowledge(before, check, { now, ...instance })
    }
    if (resume) before = policy.resume(before, { now, ...resume })
    if (mute) {
      const { of, from = now, until } = mute
      before = policy.mute(before, of, { from, until })
    }
    const { report, state: after } = policy.evaluate(read(metrics), before, { now })
    answers += report.toJson()
    memory = after.toJson()
  }
  return { toJson: () => answers + (memory ?? '') }
}

/** All answers and the last state, which goes through JSON between two calls. */
function scheduled({ calls, state, rule }, policy) {
  const schedule = policy.schedule(rule)
  let [answers, memory] = ['', state]
  for (const { call, now, from, to, slot, event, ...known } of calls) {
    const before = () => ScheduleState.fromJson(memory ?? '')
    const told = {
      state: () => schedule.state(slot),
      begin: () => schedule.begin({ now }),
      record: () => schedule.record(before(), event, slot, { now, ...known }),
      forget: () => schedule.forget(before(), { now }),
    }[call]
    if (told) {
      memory = told().toJson()
      continue
    }
    const asked = {
      next: () => (slot ? schedule.nextAfter(slot) : schedule.next({ now })),
      slots: () => schedule.slots({ from, to }),
      due: () => schedule.due(before(), { now }),
      missed: () => schedule.missed(before(), { now }),
      'keep-until': () => schedule.keepUntil(slot),
    }[call]
    answers += asked().toJson()
  }
  const last = memory === undefined ? '' : ScheduleState.fromJson(memory).toJson()
  return { toJson: () => answers + last }
}

/** The answer's document, or the error's. */
function documentOf(one, work) {
  let found
  try {
    found = work()
  } catch (error) {
    assert.ok(error instanceof HousekeepError, `${one.name}: ${error?.stack}`)
    assert.equal(one.fails ?? false, true, `${one.name}: ${error.message}`)
    return error.toJson()
  }
  assert.equal(one.fails ?? false, false, `${one.name} was not refused`)
  return found.toJson()
}

function policyOf(one) {
  return Policy.parse(policyText(one), one.policy_is_json ? 'json' : 'toml')
}

function asked(one) {
  if (one.ask === 'explain_plan') {
    const text = one.plan ?? readFileSync(join(root, one.plan_file), 'utf8')
    return Plan.parse(text).explain(one.id)
  }
  const policy = policyOf(one)
  if (one.ask === 'validate') return policy
  if (one.ask === 'health') return health(one, policy)
  if (one.ask === 'schedule') return scheduled(one, policy)
  if (one.ask === 'prometheus') {
    const answer = policy.toPrometheus() + policy.toPrometheusTests()
    return { toJson: () => answer }
  }
  if (one.ask === 'statements') {
    const changed = one.with ? policy.replace(one.rule, ...one.with) : policy
    return changed.statements(one.rule, { now: one.now })
  }
  if (one.ask === 'require') {
    policy.require(one.report, { now: one.now })
    return { toJson: () => '' }
  }
  const { name, bytes, format } = input(one)
  if (one.ask === 'fleet') return policy.screenFleet(bytes, { now: one.now, format })
  return ask(one, policy, bytes, { now: one.now, source: { [name]: digest(bytes) }, format })
}

test('every case has its exact answer', t => {
  const others = cases().length - ours.length
  t.diagnostic(`${ours.length} cases asked; ${others} are for other hosts`)
  assert.ok(ours.length > 400)
  for (const one of ours) {
    assert.equal(
      documentOf(one, () => asked(one)),
      expected(one),
      one.name,
    )
  }
})

/** Without line and column, which a policy in memory does not have. */
function placeless(json) {
  const { error, ...rest } = JSON.parse(json)
  const { line: _, column: __, ...parts } = error ?? {}
  return { ...rest, parts }
}

test('a policy in memory is read like its text', t => {
  let count = 0
  for (const one of ours.filter(one => one.policy ?? one.policy_file)) {
    let document
    try {
      document = one.policy_is_json ? JSON.parse(policyText(one)) : parse(policyText(one))
    } catch {
      continue // Text that no parser takes has no object.
    }
    const read = make => {
      try {
        return make().toJson()
      } catch (error) {
        return error.toJson()
      }
    }
    const text = read(() => policyOf(one))
    const memory = read(() => Policy.from(document))
    // JSON has a key once, and a JavaScript number does not say that it was written `1.0`.
    if (text.includes('policy.repeated_field') && !memory.includes('error')) continue
    assert.deepEqual(placeless(memory), placeless(text), one.name)
    count++
  }
  t.diagnostic(`${count} policies`)
  assert.ok(count > 350)
})

test('rows as objects have the answer of the same rows as JSON', t => {
  let count = 0
  for (const one of ours.filter(one => ['json', 'ndjson'].includes(one.input?.format))) {
    const { name, bytes, format } = input(one)
    let rows
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
      if (format === 'json') rows = JSON.parse(text)
      else
        rows = text
          .split('\n')
          .filter(line => line.trim())
          .map(line => JSON.parse(line))
    } catch {
      continue // Nor does text that is no JSON have rows.
    }
    rows = rows.data ?? rows
    // What objects cannot be: no array at all, no bytes at all, or one with a field twice.
    if (!Array.isArray(rows) || /rows\.(repeated_field|empty)/.test(expected(one))) continue
    const options = { now: one.now, source: { [name]: digest(bytes) } }
    const found = documentOf(one, () =>
      one.ask === 'fleet'
        ? policyOf(one).screenFleet(rows, { now: one.now })
        : ask(one, policyOf(one), rows, options),
    )
    assert.equal(found, expected(one), one.name)
    count++
  }
  t.diagnostic(`${count} cases`)
  assert.ok(count > 30)
})

/** The same metrics with times as JavaScript has them, where it has them. */
function timed(metrics) {
  if (Array.isArray(metrics)) return metrics.map(timed)
  if (metrics instanceof Object) {
    return Object.fromEntries(Object.entries(metrics).map(([name, one]) => [name, timed(one)]))
  }
  return /^\d{4}-.*T.*Z$/.test(metrics) && !metrics.includes('.') ? new Date(metrics) : metrics
}

test('metrics as objects have the answer of the same metrics as JSON', t => {
  const asked = ours.filter(one => one.ask === 'health' && !one.name.includes('metrics-syntax'))
  for (const one of asked) {
    for (const read of [JSON.parse, text => timed(JSON.parse(text)), Buffer.from]) {
      const found = documentOf(one, () => health(one, policyOf(one), read))
      assert.equal(found, expected(one), one.name)
    }
  }
  t.diagnostic(`${asked.length} cases`)
  assert.ok(asked.length > 10)
})
