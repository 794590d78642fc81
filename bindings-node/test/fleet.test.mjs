// Which thresholds are met: of one snapshot, and of many in every form.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  Float64,
  Int32,
  Int64,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import fc from 'fast-check'
import { Fleet, HousekeepError, Policy, Screening } from 'housekeep'

const NOW = new Date('2026-02-13T03:00:00Z')
const DAY = 86_400_000
const text = gates => `
[check.cpu]
value = "cpu"
warn  = "> 70"
crit  = "> 85"
clear = "< 60"
${gates}
[check.errors]
value  = "errors / requests"
when   = "requests >= 20"
expect = "< 1%"
[check.backup]
value   = "age(last.backup)"
expect  = "< 24h"
missing = "breach"
[group.database]
of       = ["backup", "errors"]
critical = true
[group.extras]
of  = ["cpu"]
cap = "warn"
`
const policy = Policy.parse(text('for = "5m"'))
const open = Policy.parse(text(''))

const before = millis => new Date(NOW.getTime() - millis)
const columns = {
  id: ['a', 'b', 'c', 'd'],
  cpu: [70, 70.5, null, 99],
  errors: [0, 3, 3, 0],
  requests: [100, 100, 10, 0],
  'last.backup': [NOW, before(2 * DAY), null, before(DAY - 1)],
}
const rows = columns.id.map((_, n) =>
  Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[n]])),
)
const codes = {
  cpu: [0, 1, 2, 3],
  'check.errors': [0, 3, 0, 0],
  backup: [0, 3, 3, 0],
  'group.database': [0, 3, 3, 0],
  extras: [0, 1, 1, 1],
}
const micros = at => (at === null ? null : BigInt(at.getTime()) * 1000n)
const forms = {
  objects: rows,
  columns,
  json: JSON.stringify(rows),
  'typed arrays': {
    ...columns,
    cpu: Float64Array.of(70, 70.5, Number.NaN, 99),
    requests: Int16Array.of(100, 100, 10, 0),
    'last.backup': columns['last.backup'].map(micros),
  },
  arrow: tableToIPC(
    new Table({
      id: vectorFromArray(columns.id, new Utf8()),
      cpu: vectorFromArray(columns.cpu, new Float64()),
      errors: vectorFromArray(columns.errors, new Int32()),
      requests: vectorFromArray(columns.requests, new Int32()),
      'last.backup': vectorFromArray(columns['last.backup'].map(micros), new Int64()),
    }),
  ),
}

for (const [form, given] of Object.entries(forms)) {
  test(`a fleet as ${form}`, async () => {
    const fleet = policy.screenFleet(given, { now: NOW })
    assert.ok(fleet instanceof Fleet)
    for (const [name, own] of Object.entries(codes)) assert.deepEqual([...fleet.codes(name)], own)
    assert.deepEqual([...fleet.codes()], [0, 3, 3, 1])
    const later = await policy.screenFleetAsync(given, { now: NOW, threads: 2 })
    assert.equal(later.toJson(), fleet.toJson())
  })
}

test('what a fleet says', () => {
  const fleet = policy.screenFleet(columns, { now: NOW })
  assert.deepEqual(fleet.counts(), { ok: 1, warn: 1, unknown: 0, crit: 2 })
  assert.deepEqual(fleet.counts('cpu'), { ok: 1, warn: 1, unknown: 1, crit: 1 })
  assert.deepEqual([fleet.total, fleet.status, fleet.at], [4, 'crit', '2026-02-13T03:00:00Z'])
  const [worst] = fleet.worst(1)
  assert.deepEqual(worst, {
    row: 1,
    id: 'b',
    status: 'crit',
    checks: { backup: 'crit', cpu: 'warn', errors: 'crit' },
    groups: { database: 'crit', extras: 'warn' },
  })
  const table = tableFromIPC(fleet.toArrow())
  assert.deepEqual([...(table.getChild('status') ?? [])], ['ok', 'crit', 'crit', 'warn'])
  assert.deepEqual([...(table.getChild('check.cpu') ?? [])], ['ok', 'warn', 'unknown', 'crit'])
  assert.throws(() => fleet.codes('nobody'), RangeError)
  assert.throws(() => policy.screenFleet({ cpu: ['high'] }, { now: NOW }), HousekeepError)
})

test('columns that are not there are missing', () => {
  const fleet = policy.screenFleet({ cpu: Float64Array.of(1, 99) }, { now: NOW })
  assert.deepEqual([...fleet.codes('errors')], [2, 2])
  assert.deepEqual([...fleet.codes('backup')], [3, 3])
})

test('one snapshot is said what its evaluation says, with open gates', () => {
  const number = fc.oneof(
    fc.constantFrom(undefined, null, true, Number.NaN, Infinity, 70, 85, 'a word', NOW),
    fc.integer({ min: -5, max: 120 }),
    fc.double({ min: 0, max: 120 }),
  )
  const at = fc.oneof(number, fc.integer({ min: 0, max: 2 * DAY }).map(before))
  fc.assert(
    fc.property(number, number, number, at, fc.boolean(), (cpu, errors, requests, at, nested) => {
      const backup = nested ? { last: { backup: at } } : { 'last.backup': at }
      const snapshot = { cpu, errors, requests, ...backup }
      const { report } = open.evaluate(snapshot, { now: NOW })
      const found = policy.screen(snapshot, { now: NOW })
      assert.ok(found instanceof Screening)
      const checks = report.checks.map(({ check, status }) => [check, status])
      const groups = report.groups.map(({ group, status }) => [group, status])
      assert.deepEqual(found.checks, Object.fromEntries(checks))
      assert.deepEqual(found.groups, Object.fromEntries(groups))
      assert.equal(found.status, report.status)
      assert.equal(found.word, report.word)
      assert.equal(found.critical, report.critical)
      const failing = checks.filter(([, status]) => status !== 'ok')
      assert.deepEqual(found.failing, Object.fromEntries(failing))
    }),
  )
})
