// Health: what metrics may be, what a report says, and what is remembered.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { HealthReport, HealthState, HousekeepError, Policy } from 'housekeep'
import { collect, policy as dedupe, refused } from './support.mjs'

const policy = Policy.parse(`
  [check.cpu]
  value = "host.cpu"
  unit  = "percent"
  warn  = "> 70%"
  crit  = "> 85%"
  for   = "5m"
  stale = "10m"
  [check.backup]
  value   = "age(backup)"
  expect  = "< 24h"
  missing = "breach"
  [check.churn]
  value = "runs / done"
  when  = "runs > 5"
  warn  = ">= 10"
  clear = "< 8"
  keep  = "3m"
  [check.latency]
  value = "max(latency, 5m)"
  crit  = "> 500"
  count = "2 of 3"
  [check.same_commit]
  each  = "task"
  value = "same_commit"
  crit  = "> 10"
  [group.host]
  of       = ["cpu", "latency"]
  critical = true
  cap      = "warn"
  [group.rest]
  of = ["backup", "churn", "same_commit"]
`)

const NOW = Date.UTC(2026, 1, 13, 3)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const now = new Date(NOW)
const at = minutes => new Date(NOW + minutes * MINUTE)
/** @type {import('housekeep').Metrics} */
const good = {
  host: { cpu: 42 },
  backup: at(-180),
  runs: 12,
  done: 6,
  latency: [
    [at(-1), 90.5],
    [at(0), 80],
  ],
  same_commit: { 'T-101': 3, 'T.102': 0 },
}
/** @type {any} */
const untyped = policy
/** @type {(metrics: any, state?: any, moment?: any) => any} */
const evaluate = (metrics, state, moment = now) =>
  untyped.evaluate(metrics, state, { now: moment }).report

/** What a check says of a metric, whatever it is.
 * @returns {any} */
function checked(value, metric) {
  const one = Policy.parse(`[check.a]\nvalue = "${value}"\ncrit = "> 3600"`)
  return one.evaluate({ a: metric }, { now }).report.checks[0]
}
const readOf = metric => checked('a', metric)
const ageOf = metric => checked('age(a)', metric)

/** What stands for a value in JSON. */
function written(value) {
  if (Array.isArray(value)) return value.map(written)
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'bigint') {
    const whole = new Date(Number(value / 1000n)).toISOString().slice(0, -1)
    return `${whole}${String(value % 1000n).padStart(3, '0')}Z`
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, written(one)]))
}

// --- The report -------------------------------------------------------------------------------

test('a report says how everything is', () => {
  const metrics = { ...good, host: { cpu: 93 }, backup: null, runs: 60, done: 0 }
  const { report, state } = policy.evaluate(metrics, { now })
  assert.ok(report instanceof HealthReport && state instanceof HealthState)
  const { kind, status, word, critical, nextChange } = report
  assert.deepEqual(
    { kind, at: report.at, status, word, critical, nextChange },
    {
      kind: 'health',
      at: '2026-02-13T03:00:00Z',
      status: 'crit',
      word: 'unhealthy',
      critical: 'ok',
      nextChange: '2026-02-13T03:04:00Z',
    },
  )
  const [backup, churn, cpu, latency, ...tasks] = report.checks
  if (backup?.reason !== 'missing') assert.fail()
  assert.deepEqual([backup.missing, backup.value, backup.was], ['null', null, 'ok'])
  assert.deepEqual([churn?.status, churn?.value], ['warn', Number.POSITIVE_INFINITY])
  if (cpu?.reason !== 'pending') assert.fail()
  assert.deepEqual(cpu.pending, { to: 'crit', at: '2026-02-13T03:05:00Z' })
  assert.deepEqual([cpu.level, cpu.unit, cpu.bound], ['ok', '%', '> 85%'])
  assert.equal(latency?.value, 90.5)
  assert.deepEqual(
    tasks.map(({ instance, value }) => [instance, value]),
    [
      ['T-101', 3],
      ['T.102', 0],
    ],
  )
  assert.deepEqual(report.groups, [
    { group: 'host', status: 'ok' },
    { group: 'rest', status: 'crit' },
  ])
  const later = policy.evaluate({ ...metrics, backup: now }, state, { now: at(5) }).report
  assert.deepEqual(later.groups[0], { group: 'host', status: 'warn', uncapped: 'crit' })
  assert.equal(later.critical, 'warn')
})

test('a report has the words of its JSON, and never changes', () => {
  const stale = { ...good, host: { cpu: { value: 9, at: at(-11) } } }
  const { report } = policy.evaluate(stale, { now })
  const document = JSON.parse(report.toJson())
  assert.equal(report.policySha256, document.policy_sha256)
  assert.deepEqual(report.checks, document.checks)
  const cpu = report.checks[2]
  if (cpu?.reason !== 'missing' || cpu.missing !== 'stale') assert.fail()
  assert.deepEqual([cpu.age, cpu.held, cpu.status], ['11m', true, 'unknown'])
  assert.equal(report.checks, report.checks)
  assert.ok(Object.isFrozen(report.checks) && Object.isFrozen(cpu))
  assert.equal(report.toNagios().startsWith('WARNING: degraded, `cpu` is unknown: '), true)
  assert.match(inspect(report), /^HealthReport \{\s+at: '2026-02-13T03:00:00Z',\s+status: 'warn'/)
  assert.equal(evaluate(stale).toJson(), report.toJson())
})

test('a report says once what is to be told', () => {
  const lines = ['[check.queue]', 'value = "queue"', 'warn = "> 100"', 'action = "scale"']
  const queue = Policy.parse(lines.join('\n'))
  const { report, state } = queue.evaluate({ queue: 101 }, { now })
  const [told] = report.actions
  const { check, action, from, to, why } = told ?? assert.fail()
  assert.deepEqual([check, action, from, to], ['queue', 'scale', 'ok', 'warn'])
  assert.equal(why, report.checks[0]?.sentence)
  assert.deepEqual(report.actions, JSON.parse(report.toJson()).actions)
  assert.deepEqual(queue.evaluate({ queue: 102 }, state, { now: at(1) }).report.actions, [])
})

test('a report needs its policy no more', async () => {
  const one = () =>
    Policy.parse('[check.a]\nvalue = "a"\ncrit = "> 9"').evaluate({ a: 10 }, { now })
  const { report } = one()
  await collect()
  assert.equal(report.checks[0]?.sentence, '`a` is crit: 10, and `> 9` is critical')
  assert.equal(
    report.toNagios(),
    "CRITICAL: unhealthy, `a` is crit: 10, and `> 9` is critical | 'a'=10;;~:9\n",
  )
})

test('a policy without checks has no health', () => {
  const error = refused(() => dedupe().evaluate({}, { now }))
  assert.ok(error instanceof HousekeepError)
  assert.equal(error.kind, 'policy')
})

// --- Metrics ----------------------------------------------------------------------------------

test('what is a number', () => {
  const instant = { epochNanoseconds: BigInt(NOW) * 1_000_000n }
  const cases = [
    [10, 10],
    [-0.5, -0.5],
    [true, 1],
    [false, 0],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    [Number.MAX_VALUE, Number.MAX_VALUE],
    [{ value: 8 }, 8],
    [{ value: 8, at: now }, 8],
    [{ value: 8, at: null }, 8],
    [{ value: 8, at: undefined }, 8],
    [{ value: 8, at: instant }, 8],
    [
      [
        [now, 1],
        ['2026-02-13T02:00:00Z', 2],
        [BigInt(NOW - MINUTE) * 1000n, 3],
      ],
      1,
    ],
  ]
  for (const [metric, number] of cases) {
    const { value, missing } = readOf(metric)
    assert.deepEqual([value, missing], [number, undefined], inspect(metric))
  }
})

test('what is no number is missing, and never healthy', () => {
  const cases = {
    not_a_number: [Number.NaN, 'NaN', { value: Number.NaN, at: now }, 'UP', now, 5n],
    null: [null, []],
    absent: [undefined, {}, { b: 1 }],
  }
  for (const [why, metrics] of Object.entries(cases)) {
    for (const metric of metrics) {
      const { status, reason, missing, value } = readOf(metric)
      assert.deepEqual([status, reason, missing, value], ['unknown', 'missing', why, null])
    }
  }
})

test('what is an instant', () => {
  const micros = BigInt(NOW - 2 * HOUR) * 1000n
  const texts = ['2026-02-13T01:00:00Z', '2026-02-12T22:00:00-03:00', '2026-02-13 01:00:00+00']
  const forms = [new Date(NOW - 2 * HOUR), micros, { epochNanoseconds: micros * 1000n }, ...texts]
  for (const form of forms) {
    assert.equal(ageOf(form).value, 7200, inspect(form))
    assert.equal(ageOf({ value: form }).value, 7200)
  }
  const hour = BigInt(NOW - HOUR) * 1000n
  assert.deepEqual(
    [hour, hour - 1n].map(ageOf).map(({ status }) => status),
    ['ok', 'crit'],
  )
  assert.equal(ageOf('2026-02-13T01:00:00').missing, 'not_an_instant')
})

test('what is no metric is refused with its path', () => {
  const cases = {
    'a metric cannot be a function': () => 1,
    'a metric cannot be a symbol': Symbol('x'),
    'a metric cannot be of type `Map`': new Map([['a', 1]]),
    'a metric cannot be of type `Uint8Array`': new Uint8Array(3),
    'a metric cannot be of type `Promise`': Promise.resolve(1),
    'a Date is no time': new Date(Number.NaN),
    'a bigint has more than 64 bits': 2n ** 70n,
    '9000000000000000000 microseconds is outside the years 0001 to 9999': 9n * 10n ** 18n,
    'a text has half a character': '\ud83d',
    'a sample is an instant and a number, and this is `1`': [1],
    'a sample is an instant and a number, and this is `null`': Array(1),
    'a sample is an instant and a number, and this is `["2026-02-13T03:00:00Z","UP"]`': [
      [now, 'UP'],
    ],
    '`5` is no instant': { value: 1, at: 5 },
    '`today` is no instant': { value: 1, at: 'today' },
    '`2026-02-13T03:00:00` is no instant': { value: 1, at: '2026-02-13T03:00:00' },
  }
  for (const [message, metric] of Object.entries(cases)) {
    const error = refused(() => evaluate({ ...good, disk: { root: metric } }))
    assert.ok(error instanceof HousekeepError, error.stack)
    const { code, kind, path } = error
    assert.deepEqual([code, kind, path], ['metrics.bad_value', 'data', 'disk.root'])
    assert.ok(error.message.startsWith(`\`disk.root\`: ${message}; `), error.message)
  }
  const inside = refused(() => evaluate({ a: { b: [[now, () => 1]] } }))
  assert.equal(inside.path, 'a.b')
  assert.match(refused(() => evaluate({ '\ud83d': 1 })).message, /the name .* half a character/)
})

test('metrics are an object', () => {
  for (const given of [undefined, null, 5, now, [good], '[]', '', Buffer.from('5'), '{"a": NaN}']) {
    assert.equal(refused(() => evaluate(given)).code, 'metrics.syntax', inspect(given))
  }
})

test('metrics that hold themselves are refused, and a getter throws what it throws', () => {
  /** @type {any} */
  const names = {}
  Object.assign(names, { a: names, b: names })
  /** @type {any[]} */
  const samples = []
  samples.push(samples, samples)
  for (const endless of [names, { samples }]) {
    const { code, message } = refused(() => evaluate(endless))
    assert.equal(code, 'metrics.bad_value')
    assert.match(message, /the metrics are nested too deep/)
  }
  const own = new Error('mine')
  const throwing = {
    get cpu() {
      throw own
    },
  }
  assert.equal(
    refused(() => evaluate({ host: throwing })),
    own,
  )
})

test('names are nested or have dots, and JSON says the same', () => {
  const json = evaluate(good).toJson()
  const { host: _, ...rest } = good
  const text = JSON.stringify(written(good))
  const shared = new Uint8Array(new SharedArrayBuffer(text.length))
  shared.set(Buffer.from(text))
  const bytes = new TextEncoder().encode(text)
  const bare = Object.assign(Object.create(null), good)
  for (const form of [{ ...rest, 'host.cpu': 42 }, text, bytes, Buffer.from(text), shared, bare]) {
    assert.equal(evaluate(form).toJson(), json)
  }
  const half = refused(() => evaluate('{"a": "\ud83d"}'))
  assert.equal(half.message, 'the text of metrics is a text with half a character')
})

// --- What is remembered -----------------------------------------------------------------------

test('a state survives JSON, and never changes', () => {
  const metrics = { ...good, host: { cpu: 93 } }
  const { state } = policy.evaluate(metrics, { now })
  const text = state.toJson()
  const spaced = JSON.stringify(JSON.parse(text))
  for (const form of [text, Buffer.from(text), new TextEncoder().encode(text), spaced]) {
    const again = HealthState.fromJson(form)
    assert.ok(again.equals(state))
    assert.equal(again.toJson(), text)
    const later = evaluate(metrics, again, at(5))
    assert.equal(later.toJson(), evaluate(metrics, state, at(5)).toJson())
    assert.equal(later.checks[2].status, 'crit')
  }
  assert.equal(state.toJson(), text)
  assert.equal(state.equals(policy.evaluate(good, { now }).state), false)
  assert.equal(state.equals(text), false)
  assert.equal(inspect(state), "HealthState { at: '2026-02-13T03:00:00Z' }")
  const first = [policy.evaluate(good, { now }), policy.evaluate(good, null, { now })]
  assert.equal(new Set(first.map(({ state }) => state.toJson())).size, 1)
})

test('what is no state is refused', () => {
  const version = '{"housekeep": 9, "kind": "health-state", "now": null, "checks": {}}'
  const cases = { '': 'syntax', '{}': 'syntax', [version]: 'version' }
  for (const [text, code] of Object.entries(cases)) {
    const error = refused(() => HealthState.fromJson(text))
    assert.ok(error instanceof HousekeepError)
    assert.deepEqual([error.code, error.kind], [`state.${code}`, 'data'])
  }
  assert.equal(refused(() => HealthState.fromJson(Buffer.from([0xff]))).code, 'state.syntax')
})

test('a call that is wrong in itself is a TypeError', () => {
  const { state } = policy.evaluate(good, { now })
  const calls = {
    'the state is a string': () => untyped.evaluate(good, state.toJson(), { now }),
    'the state is an object': () => untyped.evaluate(good, {}, { now }),
    'the state is a number': () => HealthState.fromJson(/** @type {any} */ (5)),
    'the options are undefined': () => untyped.evaluate(good),
    'the options are undefined, ': () => untyped.evaluate(good, state, undefined),
    '`now` is undefined': () => untyped.evaluate(good, state, {}),
    '`now` is a Date that is no time': () => evaluate(good, state, new Date(Number.NaN)),
    'the options have no `state`; there are now': () => untyped.evaluate(good, { now, state }),
  }
  for (const [message, call] of Object.entries(calls)) {
    const error = refused(call)
    assert.equal(error.name, 'TypeError', error.stack)
    assert.ok(error.message.startsWith(message), error.message)
  }
  assert.equal(
    refused(() => evaluate(good, state, /** @type {any} */ ('noon'))).code,
    'rows.bad_value',
  )
})

// --- Any metrics ------------------------------------------------------------------------------

const time = fc.integer({ min: -600, max: 600 }).map(at)
const instant = fc.oneof(
  time,
  time.map(when => BigInt(+when) * 1000n + 7n),
)
const number = fc.oneof(
  fc.double().map(value => value + 0), // JSON.stringify has no -0
  fc.integer(),
  fc.boolean(),
)
const leaf = fc.oneof(
  fc.constantFrom(null, undefined, 'UP', 'NaN', '-Infinity', '2026-02-13T02:00:00Z', ''),
  number,
  instant,
  fc.record(
    { value: fc.oneof(number, instant), at: fc.option(instant) },
    { requiredKeys: ['value'] },
  ),
  fc.array(fc.tuple(instant, number), { maxLength: 5 }),
)
const known = fc.constantFrom(
  ...['host', 'cpu', 'backup', 'runs', 'done', 'latency', 'same_commit', 'host.cpu'],
)
const name = fc.oneof(
  known,
  fc.constantFrom('value', 'at'),
  fc.string({ maxLength: 3, unit: 'grapheme' }),
)
const metrics = fc.letrec(tie => ({
  any: fc.oneof({ maxDepth: 3 }, leaf, tie('some')),
  some: fc.dictionary(name, tie('any'), { maxKeys: 4 }),
})).any
const near = fc.constantFrom(0, 1, 7, 9, 60, 75, 93, 600)
const usual = fc.record({
  host: fc.record({ cpu: near }),
  runs: near,
  done: fc.constantFrom(1, 7),
  latency: near,
  same_commit: fc.dictionary(name, near, { maxKeys: 2 }),
})
const snapshot = fc.oneof(fc.dictionary(known, /** @type {any} */ (metrics), { maxKeys: 6 }), usual)

function said(given, state, moment) {
  try {
    const { report, state: after } = untyped.evaluate(given, state, { now: moment })
    return { json: report.toJson(), checks: report.checks, state: after }
  } catch (error) {
    assert.ok(error instanceof HousekeepError, error.stack)
    // What is refused is quoted, and JSON writes times in its own way.
    return { json: `${error.code} ${error.path}`, checks: [], state: undefined }
  }
}

/** What comes with each reason, as the types say. */
const BRINGS = {
  fine: { never: ['bound', 'pending'] },
  met: { always: ['bound'], never: ['pending'] },
  pending: { always: ['pending'] },
  not_clear: { never: ['pending'] },
  kept: { always: ['pending'], never: ['bound'] },
  idle: { always: ['bound'] },
  missing: { always: ['missing'], never: ['bound'] },
}

test('metrics say the same as objects and as JSON, and a check has what its type says', () => {
  const seen = new Set()
  fc.assert(
    fc.property(
      fc.array(snapshot, { minLength: 1, maxLength: 6 }),
      fc.array(time, { minLength: 6, maxLength: 6 }),
      (steps, moments) => {
        let state
        for (const [place, step] of steps.entries()) {
          const found = said(step, state, moments[place])
          const text = said(JSON.stringify(written(step)), state, moments[place])
          assert.equal(found.json, text.json)
          for (const check of found.checks) {
            seen.add(check.reason)
            const isMissing = check.reason === 'missing'
            // What means nothing may be missing, too.
            const isNull = isMissing || (check.reason === 'idle' && 'missing' in check)
            assert.equal(typeof check.value, isNull ? 'object' : 'number')
            assert.equal('age' in check, check.missing === 'stale')
            assert.ok(isMissing || !('held' in check || 'unguarded' in check))
            assert.equal('missing' in check, isNull)
            const { always = [], never = [] } = BRINGS[check.reason]
            assert.ok(always.every(key => key in check) && !never.some(key => key in check))
          }
          if (found.state === undefined) continue
          assert.ok(found.state.equals(text.state))
          state = HealthState.fromJson(found.state.toJson())
          assert.ok(state.equals(found.state))
        }
      },
    ),
    { numRuns: 500, seed: 1 },
  )
  assert.deepEqual([...seen].sort(), Object.keys(BRINGS).sort())
})
