// Rules of retention: what goes and what stays, why, and until when.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import * as arrow from 'apache-arrow'
import { Plan, Policy } from 'housekeep'
import { ipc, policy, refused } from './support.mjs'

const now = '2026-03-31T12:00:00Z'
const DAY = 86_400_000
const daysAgo = days => new Date(Date.parse(now) - days * DAY)

/** A policy of one rule, `logs`, over `id` and `at`; and these lines. */
function retention(...lines) {
  return Policy.parse(['[retention.logs]', 'time = "at"', ...lines].join('\n'))
}

/** One item a day, the newest being 0, with these fields. */
const daily = (count, fields = _ => ({})) =>
  Array.from({ length: count }, (_, id) => ({ id, at: daysAgo(id), ...fields(id) }))

/** The removals of a retention plan.
 * @param {Plan} plan */
const removals = ({ drops }) => [...drops].filter(drop => 'reasons' in drop)

/** The items that stay.
 * @param {Plan} plan */
function stays({ keeps }) {
  assert.ok(keeps, 'it was made with decisions')
  return [...keeps]
}

/** Microseconds since 1970 of RFC 3339 text in UTC, none of which a `Date` would keep. */
function micros(text) {
  const [, whole, fraction = ''] = text.match(/^(.*?)(?:\.(\d+))?Z$/)
  return BigInt(Date.parse(`${whole}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

const audit = retention(
  'table = "audit_logs"',
  'by    = ["tenant_id", "is_test"]',
  'match   = { kind = "login" }',
  'hold    = { legal_hold = true }',
  'require = { exported = true }',
  'limit   = { age = "7d" }',
  'floor   = { count = 2 }',
)
const login = {
  tenant_id: 'acme',
  is_test: false,
  kind: 'login',
  legal_hold: false,
  exported: true,
}
const logins = [
  ...daily(12, id => ({
    ...login,
    tenant_id: id < 11 ? 'acme' : null,
    kind: id === 5 ? 'logout' : 'login',
    legal_hold: id === 9,
    exported: id !== 10,
  })),
  { ...login, id: 12, at: null },
  { ...login, id: 13, at: daysAgo(-1) },
]
const source = { audit_logs: 'seen' }
const decided = audit.plan('logs', logins, { now, source, decisions: true })

test('what a plan says', () => {
  const { kind, rule, table, plannedAt, total, eligible, keep, drop, blocked, skipped } = decided
  assert.deepEqual(
    { kind, rule, table, plannedAt, total, eligible, keep, drop, blocked },
    {
      kind: 'retention',
      rule: 'logs',
      table: 'audit_logs',
      plannedAt: now,
      total: 14,
      eligible: 11,
      keep: 9,
      drop: 1,
      blocked: 1,
    },
  )
  assert.deepEqual(skipped, { notMatched: 1, nullTime: 1, future: 1 })
  assert.deepEqual(decided.source, source)
  const { advised, advice, nearest } = decided
  assert.deepEqual([advised, advice, nearest], [undefined, undefined, undefined])
  assert.equal(decided.files, null)
  assert.equal(decided.warnings[0], '1 row would go, and does not yet meet what is required')
  const document = JSON.parse(decided.toJson())
  assert.deepEqual([decided.sha256, decided.ruleSha256], [document.sha256, document.rule_sha256])
  assert.match(
    inspect(decided),
    /^Plan \{\s+kind: 'retention',\s+rule: 'logs'.*blocked: 1.*drop: 1/s,
  )
  assert.doesNotMatch(inspect(decided), /advice/)
})

test('what goes, with its reason; names that a user chose are left as they are', () => {
  assert.deepEqual(decided.dropIds, ['8'])
  const [removal] = removals(decided)
  assert.deepEqual(removal, {
    id: '8',
    time: '2026-03-23T12:00:00Z',
    group: { tenant_id: 'acme', is_test: false },
    why: 'over_age',
    reasons: [{ rule: 'retention.logs.limit.age', why: 'over_age', age: '8d', limit: '7d' }],
  })
  assert.deepEqual(decided.drops.at(-1), removal)
  assert.equal(decided.drops.at(1), undefined)
  assert.ok(Object.isFrozen(removal) && Object.isFrozen(removal?.group))
  assert.ok(Object.isFrozen(removal?.reasons) && Object.isFrozen(removal?.reasons[0]))
  assert.deepEqual(decided.oldestKept, [
    { group: { tenant_id: null, is_test: false }, id: '11', time: '2026-03-20T12:00:00Z' },
    { group: { tenant_id: 'acme', is_test: false }, id: '10', time: '2026-03-21T12:00:00Z' },
  ])
  assert.equal(decided.oldestKept, decided.oldestKept)
})

test('any name of a column that groups', () => {
  const names = ['due_at', '__proto__', 'group', 'only_a', 'kind']
  const rule = retention(`by = ${JSON.stringify(names)}`, 'limit = { count = 1 }')
  const row = Object.fromEntries(names.map(name => [name, `${name} of it`]))
  const rows = JSON.stringify(daily(2)).replaceAll('{', `${JSON.stringify(row).slice(0, -1)},`)
  const plan = rule.plan('logs', rows, { now, decisions: true })
  const groups = [removals(plan)[0], stays(plan)[0], plan.oldestKept?.[0]].map(at => at?.group)
  for (const group of groups) assert.deepEqual(Object.entries(group ?? {}), Object.entries(row))
})

test('what stays, why, and until when', () => {
  const all = stays(decided)
  assert.deepEqual(
    all.map(({ id, decision, reasons, dueAt }) => [id, decision, reasons.map(r => r.why), dueAt]),
    [
      ['0', 'keep', ['newest', 'within_limits'], null],
      // By then, the one in the future takes its place among the newest.
      ['1', 'keep', ['newest', 'within_limits'], '2026-04-06T12:00:00.000001Z'],
      ['2', 'keep', ['within_limits'], '2026-04-05T12:00:00.000001Z'],
      ['3', 'keep', ['within_limits'], '2026-04-04T12:00:00.000001Z'],
      ['4', 'keep', ['within_limits'], '2026-04-03T12:00:00.000001Z'],
      ['5', 'skip', ['not_matched'], null],
      ['6', 'keep', ['within_limits'], '2026-04-01T12:00:00.000001Z'],
      ['7', 'keep', ['within_limits'], '2026-03-31T12:00:00.000001Z'],
      ['9', 'keep', ['held'], null],
      ['10', 'block', ['over_age', 'required'], null],
      ['11', 'keep', ['newest'], null],
      ['12', 'skip', ['null_time'], null],
      ['13', 'skip', ['future'], null],
    ],
  )
  assert.deepEqual(all[1], decided.keeps?.at(1))
  assert.deepEqual([all.length, decided.keeps?.length], [13, 13])
  assert.deepEqual(decided.keeps?.at(-2)?.time, null)
  assert.ok(Object.isFrozen(all[0]) && Object.isFrozen(all[0]?.reasons))
  const plain = audit.plan('logs', logins, { now, source })
  assert.equal(plain.keeps, undefined)
  assert.equal(audit.plan('logs', logins, { now, decisions: false, source }).equals(plain), true)
  assert.equal(plain.equals(decided), false)
  assert.deepEqual([plain.dropIds, plain.oldestKept], [decided.dropIds, decided.oldestKept])
})

test('an item goes at the instant that is said, and not a microsecond before', () => {
  const zone = 'tz = "America/Santiago"'
  const rules = [
    retention('limit = { age = "7d" }'),
    retention('limit = { age = "7d", edge = "at" }', 'floor = { count = 1, age = "9d" }'),
    retention('limit = { age = "1mo" }', zone),
    retention('limit = { age = "1mo" }', 'floor = { age = "5w" }', zone),
    retention('keep = [{ every = "week", within = "2mo" }, { every = "item", count = 3 }]', zone),
    retention('keep = [{ every = "day", within = "9d" }, { where = { id = 4 }, within = "6d" }]'),
    retention(
      'keep = [{ every = "day", count = 3 }, { every = "week", within = "1mo" }]',
      'overlap = "extra"',
      zone,
    ),
  ]
  const odd = daily(12).map(({ id, at }) => ({ id, at: BigInt(at.getTime()) * 1000n + BigInt(id) }))
  // One in the future, whose coming is known.
  const rows = [...odd, { id: 12, at: BigInt(daysAgo(-3).getTime()) * 1000n + 1n }]
  let checked = 0
  for (const rule of rules.map(rule => rule.replace('logs', 'time_unit=us'))) {
    for (const { id, dueAt } of stays(rule.plan('logs', rows, { now, decisions: true }))) {
      if (dueAt === null) continue
      const goes = now => rule.plan('logs', rows, { now }).dropIds.includes(id)
      assert.deepEqual([goes(micros(dueAt) - 1n), goes(micros(dueAt))], [false, true])
      checked++
    }
  }
  assert.ok(checked > 40, `${checked} were checked`)
})

test('keep rules: which one claims an item, and which one came nearest', () => {
  const rule = retention(
    'tz = "America/Santiago"',
    'limit = { count = 9 }',
    'keep = [{ every = "item", count = 2 }, { every = "week", count = 2, oldest = true }]',
  )
  const plan = rule.plan('logs', daily(10), { now, decisions: true })
  assert.deepEqual(
    removals(plan).map(({ id, reasons: [{ rule, why, period, n, of, id: by }] }) => [
      id,
      rule.replace('retention.logs.', ''),
      why,
      ...[period, n, of, by].filter(said => said !== undefined),
    ]),
    [
      ['9', 'limit.count', 'over_count', 10, 9],
      ...[8, 7, 6, 5, 4, 3].map(id => [String(id), 'keep[1]', 'period_taken', '2026-W13', '2']),
    ],
  )
  assert.deepEqual(
    stays(plan).map(({ id, reasons }) => [id, reasons]),
    [
      [
        '0',
        [
          { rule: 'retention.logs.keep[0]', why: 'claimed', n: 1, of: 2 },
          { rule: 'retention.logs.keep[1]', why: 'claimed', period: '2026-W14', n: 1, of: 2 },
        ],
      ],
      ['1', [{ rule: 'retention.logs.keep[0]', why: 'claimed', n: 2, of: 2 }]],
      ['2', [{ rule: 'retention.logs.keep[1]', why: 'claimed', period: '2026-W13', n: 2, of: 2 }]],
    ],
  )
})

test('an override is named where it decides', () => {
  const rule = retention(
    'limit = { age = "3d" }',
    'override = [{ when = { tenant_id = "acme" }, limit = { age = "5d" } }]',
  )
  const rows = daily(7, id => ({ tenant_id: id % 2 ? 'acme' : 'other' }))
  const plan = rule.plan('logs', rows, { now })
  assert.deepEqual(
    removals(plan).map(({ id, reasons: [{ rule, limit }] }) => [id, rule, limit]),
    [
      ['6', 'retention.logs.limit.age', '3d'],
      ['4', 'retention.logs.limit.age', '3d'],
    ],
  )
  const later = rule.plan('logs', rows, { now: daysAgo(-1) })
  const named = removals(later).find(({ id }) => id === '5')
  assert.equal(named?.reasons[0].rule, 'retention.logs.override[0].limit.age')
})

test('a plan that is too large is refused whole, and a protected table always', () => {
  const guarded = retention('limit = { count = 1 }', 'guard = { max_fraction = 0.5 }')
  assert.equal(guarded.plan('logs', daily(2), { now }).drop, 1)
  const error = refused(() => guarded.plan('logs', daily(3), { now }))
  assert.deepEqual([error.code, error.kind], ['plan.guard', 'plan'])
  const never = ['never = ["tenant_payments"]', '[retention.logs]', 'table = "tenant_payments"']
  const text = [...never, 'time = "at"', 'limit = { age = "1d" }'].join('\n')
  const kept = refused(() => Policy.parse(text))
  assert.deepEqual([kept.code, kept.path], ['policy.protected', 'retention.logs.table'])
})

test('files, as objects with a name, a time and a size', () => {
  const rule = Policy.parse(
    '[retention.logs]\nfiles = "maintenance.log*"\nlimit = { bytes = "50MiB" }\nfloor = { count = 1 }',
  )
  const MIB = 2 ** 20
  const files = [60, 20, 30, 0, 1].map((size, n) => ({
    name: `maintenance.log.${n}`,
    mtime: daysAgo(5 - n),
    size: size * MIB,
    mode: 0o644,
  }))
  const plan = rule.plan('logs', files, { now, decisions: true })
  assert.equal(plan.files, 'maintenance.log*')
  assert.deepEqual(
    removals(plan).map(({ id, size, why, reasons: [{ n, of }] }) => [id, size, why, n, of]),
    [
      ['maintenance.log.0', 60 * MIB, 'over_bytes', 111 * MIB, 50 * MIB],
      ['maintenance.log.1', 20 * MIB, 'over_bytes', 51 * MIB, 50 * MIB],
    ],
  )
  assert.deepEqual(
    stays(plan).map(({ size }) => size),
    [30 * MIB, 0, MIB],
  )
})

test('bytes past 2^53 are the nearest number, and exact in the document', () => {
  const rule = retention('size = "bytes"', 'limit = { bytes = "1B" }')
  const rows = [{ id: 1, at: daysAgo(1), bytes: 2n ** 53n + 1n }]
  const plan = rule.plan('logs', rows, { now })
  const [removal] = removals(plan)
  assert.deepEqual([removal?.size, removal?.reasons[0].n], [2 ** 53, 2 ** 53])
  assert.match(plan.toJson(), /"size": 9007199254740993,/)
  assert.ok(Plan.parse(plan.toJson()).equals(plan))
})

test('lists of tags, in objects, in columns and in Arrow', () => {
  const rule = retention(
    'match = { tags = { has = ["backup"] } }',
    'keep = [{ where = { tags = { has = "release" } } }, { where = { tags = { has = ["signed"] } } }]',
  )
  const tags = [['backup'], ['backup', 'release'], [], ['signed', 'backup'], ['release'], null]
  const rows = daily(6, id => ({ tags: tags[id] }))
  const column = name => rows.map(row => row[name])
  const list = new arrow.List(new arrow.Field('item', new arrow.Utf8(), true))
  const table = new arrow.Table({
    id: arrow.vectorFromArray(column('id'), new arrow.Int32()),
    at: arrow.vectorFromArray(
      column('at').map(at => at.toISOString()),
      new arrow.Utf8(),
    ),
    tags: arrow.vectorFromArray(tags, list),
  })
  const columns = { id: column('id'), at: column('at'), tags: column('tags') }
  const [plan, ...others] = [rows, columns, ipc(table), JSON.stringify(rows)].map(form =>
    rule.plan('logs', form, { now, decisions: true }),
  )
  assert.ok(plan)
  for (const other of others) assert.equal(other.toJson(), plan.toJson())
  assert.deepEqual([plan.dropIds, plan.skipped.notMatched], [['0'], 3])
  assert.equal(removals(plan)[0]?.why, 'not_about')
  const saved = stays(plan).filter(({ decision }) => decision === 'keep')
  assert.deepEqual(
    saved.map(({ id, reasons }) => [id, reasons[0].why]),
    [
      ['1', 'saved'],
      ['3', 'saved'],
    ],
  )
})

test('the removals as Arrow', () => {
  const table = arrow.tableFromIPC(decided.toArrow())
  assert.deepEqual(
    table.schema.fields.map(({ name }) => name),
    'id time size group rule why period n of age limit by_id'.split(' '),
  )
  assert.equal(table.numRows, 1)
  const values = ['id', 'rule', 'why', 'limit', 'n'].map(name => table.getChild(name)?.get(0))
  assert.deepEqual(values, ['8', 'retention.logs.limit.age', 'over_age', '7d', null])
  assert.deepEqual(table.getChild('group')?.get(0)?.toJSON(), {
    tenant_id: 'acme',
    is_test: 'false',
  })
})

test('a plan that is read again says the same', () => {
  for (const plan of [
    decided,
    audit.plan('logs', logins, { now }),
    audit.plan('logs', [], { now }),
  ]) {
    const again = Plan.parse(plan.toJson())
    assert.ok(again.equals(plan))
    assert.equal(again.toJson(), plan.toJson())
    assert.deepEqual([...again.drops], [...plan.drops])
    assert.deepEqual(again.keeps && [...again.keeps], plan.keeps && [...plan.keeps])
    const { kind, blocked, skipped, oldestKept, files, dropIds } = plan
    assert.deepEqual(
      { kind, blocked, skipped, oldestKept, files, dropIds },
      {
        kind: again.kind,
        blocked: again.blocked,
        skipped: again.skipped,
        oldestKept: again.oldestKept,
        files: again.files,
        dropIds: again.dropIds,
      },
    )
    assert.deepEqual(again.toArrow(), plan.toArrow())
  }
  const altered = decided.toJson().replace('"over_age"', '"over_rage"')
  assert.equal(refused(() => Plan.parse(altered)).code, 'plan.altered')
})

test('every row explained, from the rows and from the plan', () => {
  const own = new Map(stays(decided).map(stay => [stay.id, stay]))
  for (const { id } of logins) {
    const said = audit.explain('logs', logins, id, { now })
    const stay = own.get(String(id))
    if (!('reasons' in said)) assert.fail(`${id}: ${said.sentence}`)
    if (said.decision === 'drop') {
      const removal = removals(decided).find(drop => drop.id === said.id)
      assert.deepEqual(
        [said.why, said.reasons, said.time],
        [removal?.why, removal?.reasons, removal?.time],
      )
    } else {
      const { decision, reasons, time } = said
      const dueAt = 'dueAt' in said ? said.dueAt : null
      assert.deepEqual(
        { decision, reasons, time: time ?? null, dueAt },
        { decision: stay?.decision, reasons: stay?.reasons, time: stay?.time, dueAt: stay?.dueAt },
      )
      assert.equal(said.why, reasons[0].why)
    }
    assert.ok(said.sentence.startsWith(`\`${id}\` `), said.sentence)
    const { sentence: _, toJson: __, ...rest } = said
    const { sentence: ___, toJson: ____, ...planned } = decided.explain(id)
    assert.deepEqual(planned, rest)
  }
  assert.equal(audit.explain('logs', logins, 99, { now }).decision, 'absent')
  const plain = audit.plan('logs', logins, { now })
  assert.deepEqual([plain.explain(8).decision, plain.explain(0).why], ['drop', 'not_in_plan'])
})

test('more entries than cross at once', () => {
  const plan = retention('limit = { age = "300d" }').plan('logs', daily(1000), {
    now,
    decisions: true,
  })
  assert.deepEqual([plan.drop, plan.keeps?.length], [699, 301])
  assert.deepEqual(
    [...plan.drops].map(({ id }) => id),
    plan.dropIds,
  )
  assert.deepEqual(
    stays(plan).map(({ id }) => Number(id)),
    Array.from({ length: 301 }, (_, id) => id),
  )
  assert.deepEqual([plan.drops.at(-1)?.id, plan.keeps?.at(300)?.id], ['301', '300'])
  assert.deepEqual([plan.keeps?.at(301), plan.keeps?.at(-302)], [undefined, undefined])
})

const WORDS = {
  drop: [
    ...['over_age', 'over_count', 'over_bytes', 'not_about'],
    ...['period_taken', 'period_covered', 'count_full', 'too_old'],
  ],
  keep: ['held', 'newest', 'young', 'claimed', 'oldest', 'saved', 'within_limits'],
  skip: ['not_matched', 'null_time', 'future'],
}

test('every word that the types know is said, and no other', () => {
  const said = { drop: new Set(), keep: new Set(), skip: new Set() }
  const rules = [
    ['limit = { age = "6d", count = 5, bytes = "12B" }', 'hold = { id = 3 }'],
    [
      'limit = { age = "6d" }',
      'floor = { count = 2, age = "4d" }',
      'match = { size = { gt = 1 } }',
    ],
    ['limit = { bytes = "12B" }', 'require = { id = { gt = 20 } }'],
    ['keep = [{ every = "day", count = 2 }, { every = "month", count = 9, oldest = true }]'],
    ['overlap = "cover"', 'keep = [{ every = "item", count = 1 }, { every = "week", count = 2 }]'],
    ['keep = [{ every = "week", within = "8d" }, { where = { id = 20 } }]'],
    ['keep = [{ every = "week", count = 1 }]'],
    ['keep = [{ every = "week", where = { id = 1 } }]'],
  ]
  const rows = [
    ...daily(40, id => ({ size: id % 7 })),
    { id: 40, at: null, size: 3 },
    { id: 41, at: daysAgo(-1), size: 4 },
  ]
  for (const lines of rules) {
    const rule = retention('size = "size"', ...lines)
    const plan = rule.plan('logs', rows, { now, decisions: true })
    const all = [...removals(plan), ...stays(plan)]
    assert.deepEqual(new Set(all.map(({ id }) => id)).size, rows.length)
    for (const { why } of removals(plan)) said.drop.add(why)
    for (const { decision, reasons } of stays(plan)) {
      if (decision !== 'block') for (const { why } of reasons) said[decision].add(why)
      else
        assert.deepEqual([WORDS.drop.includes(reasons[0].why), reasons[1]?.why], [true, 'required'])
    }
  }
  for (const [decision, words] of Object.entries(WORDS)) {
    assert.deepEqual([...said[decision]].sort(), words.sort(), decision)
  }
})

test('off the event loop, and aborted', async () => {
  const options = { now, source, decisions: true }
  const later = await audit.planAsync('logs', logins, {
    ...options,
    signal: new AbortController().signal,
  })
  assert.equal(later.toJson(), decided.toJson())
  const said = await audit.explainAsync('logs', logins, 8, { now })
  assert.equal(said.toJson(), audit.explain('logs', logins, 8, { now }).toJson())
  const reason = new Error('enough')
  const aborted = { ...options, signal: AbortSignal.abort(reason) }
  await assert.rejects(audit.planAsync('logs', logins, aborted), error => error === reason)
  const control = new AbortController()
  let read = 0
  function* counted() {
    for (; read < 1_000_000; read++) {
      if (read === 100_000) control.abort(reason)
      yield { id: read, at: now }
    }
  }
  const rule = retention('limit = { count = 1 }')
  const asked = rule.planAsync('logs', counted(), { now, decisions: true, signal: control.signal })
  await assert.rejects(asked, error => error === reason)
  assert.ok(read < 500_000, `${read} were read`)
})

test('what can be asked of one family alone', () => {
  const decisions = refused(() => policy().plan('runs', [], { now, decisions: true }))
  assert.deepEqual(
    [decisions.code, /explain a row/.test(decisions.help)],
    ['policy.conflict', true],
  )
  const swept = refused(() => audit.sweep('logs', logins, { now }))
  const compared = refused(() => audit.compare('logs', logins, audit, { now }))
  for (const error of [swept, compared]) {
    assert.deepEqual([error.code, error.help], ['policy.unknown_rule', 'name a dedupe rule'])
  }
  const both = Policy.from({
    retention: { runs: { time: 'at', limit: { count: 1 } } },
    dedupe: { runs: { time: 'at', key: ['id_of_task'], window: '1d' } },
  })
  assert.deepEqual(both.rules, ['dedupe.runs', 'retention.runs'])
  assert.equal(refused(() => both.plan('runs', [], { now })).code, 'policy.unknown_rule')
  const rows = daily(3, () => ({ id_of_task: 'T' }))
  const plan = name => both.plan(name, rows, { now })
  assert.deepEqual([plan('dedupe.runs').kind, plan('retention.runs').kind], ['dedupe', 'retention'])
  assert.equal(both.sweep('runs', rows, { now }).kind, 'sweep')
})
