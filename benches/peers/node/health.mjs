// One snapshot of twenty checks after the other, side by side.
//
//   node health.mjs [rounds] [threads]
//
// As `../health_snapshot.py`: the engines take turns, times are medians in microseconds a snapshot, and
// the exit code is 1 if two engines do not say the same. Then a million snapshots in columns.

import { ZenEngine } from '@gorules/zen-engine'
import { Engine } from 'json-rules-engine'

import { Policy } from '../../../bindings-node/dist/index.mjs'

const [ROUNDS, THREADS] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 1)]
const [WARN, CRIT] = [80, 90]
const NAMES = Array.from({ length: 20 }, (_, n) => `m${n}`)
const NOW = new Date('2026-02-13T03:00:00Z')
const EARLIER = new Date('2026-02-13T02:00:00Z')
const SNAPSHOTS = 64
const MILLIS = 100
const ROWS = 1_000_000

/** Numbers from 0 to 95, the same every time. */
let seed = 7
function roll() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return (seed / 2 ** 32) * 95
}

const given = Array.from({ length: SNAPSHOTS }, () =>
  Object.fromEntries(NAMES.map(name => [name, roll()])),
)

const policy = gates =>
  Policy.parse(
    NAMES.map(
      name => `[check.${name}]\nvalue = "${name}"\nwarn = "> ${WARN}"\ncrit = "> ${CRIT}"\n${gates}\n`,
    ).join(''),
  )

/** What somebody would write by hand for just these checks, unrolled. */
function ifs() {
  const lines = NAMES.map(
    name => `value = snapshot.${name}
      if (value > ${CRIT}) found.${name} = 'crit'
      else if (value > ${WARN}) found.${name} = 'warn'
      else if (!(value <= ${WARN})) found.${name} = 'unknown'`,
  )
  return new Function('snapshot', `const found = {}; let value\n${lines.join('\n')}\nreturn found`)
}

/** A loop over rules that are data. */
function loop() {
  const rules = NAMES.map(name => ({ check: name, metric: name, warn: WARN, crit: CRIT }))
  return snapshot => {
    const found = {}
    for (const { check, metric, warn, crit } of rules) {
      const value = snapshot[metric]
      if (typeof value !== 'number' || Number.isNaN(value)) found[check] = 'unknown'
      else if (value > crit) found[check] = 'crit'
      else if (value > warn) found[check] = 'warn'
    }
    return found
  }
}

/** A decision table that collects the rows that hold. */
function zen() {
  const rules = NAMES.flatMap(name =>
    [
      ['crit', `${name} > ${CRIT}`],
      ['warn', `${name} > ${WARN} and ${name} <= ${CRIT}`],
    ].map(([status, test]) => ({
      _id: `${name}-${status}`,
      i: test,
      check: `"${name}"`,
      status: `"${status}"`,
    })),
  )
  const content = {
    inputs: [{ id: 'i', name: 'condition' }],
    outputs: ['check', 'status'].map(field => ({ id: field, name: field, field })),
    hitPolicy: 'collect',
    rules,
  }
  const nodes = [
    { id: 'in', type: 'inputNode', name: 'in' },
    { id: 'table', type: 'decisionTableNode', name: 'table', content },
    { id: 'out', type: 'outputNode', name: 'out' },
  ]
  const edges = [
    { id: 'a', type: 'edge', sourceId: 'in', targetId: 'table' },
    { id: 'b', type: 'edge', sourceId: 'table', targetId: 'out' },
  ]
  const decision = new ZenEngine().createDecision(Buffer.from(JSON.stringify({ nodes, edges })))
  return async snapshot => {
    const { result } = await decision.evaluate(snapshot)
    return Object.fromEntries(result.map(({ check, status }) => [check, status]))
  }
}

/** Two rules for each check. */
function jsonRules() {
  const engine = new Engine()
  for (const name of NAMES) {
    const over = (operator, value) => ({ fact: name, operator, value })
    const crit = [over('greaterThan', CRIT)]
    const warn = [over('greaterThan', WARN), over('lessThanInclusive', CRIT)]
    engine.addRule({ conditions: { all: crit }, event: { type: name, params: { status: 'crit' } } })
    engine.addRule({ conditions: { all: warn }, event: { type: name, params: { status: 'warn' } } })
  }
  return async snapshot => {
    const { events } = await engine.run(snapshot)
    return Object.fromEntries(events.map(({ type, params }) => [type, params.status]))
  }
}

/** Ours: which thresholds are met. */
function screen() {
  const made = policy('')
  return snapshot => made.screen(snapshot, { now: NOW }).failing
}

/** Ours: with what is remembered, gates, clear thresholds and every check's report. */
function evaluate() {
  const made = policy('for = "5m"\nclear = "< 75"')
  const states = new Map(
    given.map(snapshot => [snapshot, made.evaluate(snapshot, { now: EARLIER }).state]),
  )
  return snapshot => {
    const { report } = made.evaluate(snapshot, states.get(snapshot), { now: NOW })
    const bad = report.checks.filter(({ status }) => status !== 'ok')
    return Object.fromEntries(bad.map(({ check, status }) => [check, status]))
  }
}

const ENGINES = {
  screen,
  evaluate,
  'hand-written ifs': ifs,
  'loop over rules': loop,
  'zen-engine, a table': zen,
  'json-rules-engine': jsonRules,
}

async function micros(engine, times) {
  const start = process.hrtime.bigint()
  for (let n = 0; n < times; n++) {
    for (const snapshot of given) {
      const found = engine(snapshot)
      // What answers at once is not made to wait.
      if (found instanceof Promise) await found
    }
  }
  return Number(process.hrtime.bigint() - start) / 1000 / times / given.length
}

const median = values => values.toSorted((a, b) => a - b)[values.length >> 1]
const sorted = found => JSON.stringify(Object.entries(found).sort())

let failed = false
const engines = Object.entries(ENGINES).map(([label, make]) => ({ label, run: make(), rounds: [] }))
let first
for (const { label, run } of engines) {
  const all = []
  for (const snapshot of given) all.push(sorted(await run(snapshot)))
  first ??= all
  if (all.some((own, n) => own !== first[n])) {
    console.error(`${label} does not say the same as the first`)
    failed = true
  }
}
for (const engine of engines) {
  await micros(engine.run, 3)
  const once = await micros(engine.run, 3)
  engine.times = Math.max(1, Math.round((MILLIS * 1000) / once / given.length))
}
for (let round = 0; round < ROUNDS; round++) {
  for (const engine of engines) engine.rounds.push(await micros(engine.run, engine.times))
}
const ours = median(engines[0].rounds)
for (const { label, rounds } of engines) {
  const own = median(rounds)
  console.log(JSON.stringify({ engine: label, microseconds: rounds.map(n => +n.toFixed(3)) }))
  console.error(`${label.padEnd(22)} ${own.toFixed(2).padStart(8)} µs ${(own / ours).toFixed(2)}`)
}

// Columns of a million rows, of which one number in a hundred is missing.
const columns = Object.fromEntries(
  NAMES.map(name => [name, Float64Array.from({ length: ROWS }, roll)]),
)
for (const [n, column] of Object.values(columns).entries()) {
  for (let at = n; at < ROWS; at += 100) column[at] = Number.NaN
}
function byHand() {
  const whole = new Uint8Array(ROWS)
  const found = {}
  for (const name of NAMES) {
    const column = columns[name]
    const codes = new Uint8Array(ROWS)
    for (let row = 0; row < ROWS; row++) {
      const value = column[row]
      const code = value > CRIT ? 3 : value > WARN ? 1 : value <= WARN ? 0 : 2
      codes[row] = code
      if (code > whole[row]) whole[row] = code
    }
    found[name] = codes
  }
  return codes => (codes === undefined ? whole : found[codes])
}
const made = policy('')
const byUs = () => {
  const fleet = made.screenFleet(columns, { now: NOW, threads: THREADS })
  return name => fleet.codes(name)
}
const fleets = { housekeep: { run: byUs, rounds: [] }, 'a loop over columns': { run: byHand, rounds: [] } }
for (let round = 0; round <= ROUNDS; round++) {
  for (const fleet of Object.values(fleets)) {
    const start = process.hrtime.bigint()
    fleet.codes = fleet.run()
    // The first one is for warming up.
    if (round > 0) fleet.rounds.push(Number(process.hrtime.bigint() - start) / ROWS)
  }
}
const [mine, hand] = Object.values(fleets)
for (const name of [undefined, ...NAMES]) {
  if (Buffer.compare(mine.codes(name), hand.codes(name)) !== 0) failed = true
}
for (const [label, { rounds }] of Object.entries(fleets)) {
  const own = median(rounds)
  console.log(JSON.stringify({ engine: label, threads: THREADS, nanoseconds: rounds }))
  console.error(`${label.padEnd(22)} ${own.toFixed(1).padStart(8)} ns a row`)
}
process.exitCode = failed ? 1 : 0
