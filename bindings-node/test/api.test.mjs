// The calls themselves: policies, plans, errors, and arguments that are wrong.

import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import * as arrow from 'apache-arrow'
import { HousekeepError, Plan, Policy } from 'housekeep'
import { folder, home, internal, now, policy, refused, root } from './support.mjs'

const elruso = join(root, 'scenarios', 'elruso')
const runs = Policy.fromFile(join(elruso, 'policy.toml'))
const rows = readFileSync(join(elruso, 'run_logs.json'))
const plan = runs.plan('runs', rows, { now, source: { 'run_logs.json': 'seen' } })
const at = minute => new Date(Date.UTC(2026, 1, 12, 0, minute))
const chained = policy('mode = "chain"').plan(
  'runs',
  [0, 9, 18].map((minute, id) => ({ id, task: 'T', at: at(minute) })),
  { now },
)

test('a policy from a file, a URL, JSON and memory', () => {
  const path = join(elruso, 'policy.toml')
  assert.equal(Policy.fromFile(pathToFileURL(path)).rules[0], 'dedupe.runs')
  const document = { dedupe: { runs: { key: ['task'], time: 'at', window: '10m' } } }
  const json = join(folder(), 'policy.JSON')
  writeFileSync(json, JSON.stringify(document))
  const made = [
    Policy.fromFile(json),
    Policy.parse(JSON.stringify(document), 'json'),
    Policy.from(document),
  ]
  for (const one of made) {
    assert.deepEqual(one.rules, ['dedupe.runs'])
    assert.equal(
      one.plan('runs', '[]', { now }).ruleSha256,
      policy().plan('runs', [], { now }).ruleSha256,
    )
  }
  assert.equal(refused(() => Policy.fromFile('nowhere.toml')).code, 'ENOENT')
  const latin = join(folder(), 'policy.toml')
  writeFileSync(latin, Buffer.from([0x61, 0xff]))
  assert.equal(refused(() => Policy.fromFile(latin)).code, 'ERR_ENCODING_INVALID_ENCODED_DATA')
  assert.ok(JSON.parse(Policy.schema()).properties.dedupe)
  assert.match(inspect(runs), /^Policy \{\s+rules: \[\s+'dedupe.runs',/)
})

test('a policy is immutable; a setting makes another one', () => {
  const other = runs.replace('runs', 'window=4m', 'keep=oldest')
  assert.equal(runs.plan('runs', rows, { now }).drop, 3)
  assert.equal(other.plan('runs', rows, { now }).drop, 0)
  assert.equal(refused(() => runs.replace('runs', 'window')).code, 'policy.bad_value')
  const compared = runs.compare('runs', rows, other, { now })
  assert.deepEqual([compared.both, compared.onlyA, compared.onlyB], [0, plan.dropIds, []])
  assert.deepEqual(
    [compared.a.window, compared.b.window, compared.b.adviseAbove],
    ['10m', '4m', 10],
  )
  assert.deepEqual(compared.a.only, { status: ['done', 'failed'] })
})

test('what a plan says', () => {
  const { kind, rule, table, plannedAt, source, total, eligible, keep, drop, advised, advice } =
    plan
  assert.deepEqual(
    { kind, rule, table, plannedAt, source, total, eligible, keep, drop, advised, advice },
    {
      kind: 'dedupe',
      rule: 'runs',
      table: 'run_logs',
      plannedAt: now,
      source: { 'run_logs.json': 'seen' },
      total: 42,
      eligible: 42,
      keep: 39,
      drop: 3,
      advised: false,
      advice: '3 drops, applied above 10',
    },
  )
  const document = JSON.parse(plan.toJson())
  assert.equal(plan.sha256, document.sha256)
  assert.equal(plan.ruleSha256, document.rule_sha256)
  assert.deepEqual(plan.dropIds, document.drop_ids)
  assert.deepEqual(plan.skipped, { nullTime: 0, nullKey: 0, future: 0, notOnly: 0, open: 0 })
  assert.deepEqual([plan.nearest, plan.warnings], [null, []])
  const { blocked, keeps, oldestKept, files } = plan
  assert.deepEqual([blocked, keeps, oldestKept, files], Array(4).fill(undefined))
  const hourly = policy('window = "5m"').plan(
    'runs',
    [
      { id: 1, task: 'T', at: at(0) },
      { id: 2, task: 'T', at: at(6) },
    ],
    { now },
  )
  assert.deepEqual(hourly.nearest, { id: '1', otherId: '2', gap: '6m' })
  assert.match(inspect(plan), /^Plan \{\s+kind: 'dedupe',\s+rule: 'runs'.*total: 42.*drop: 3/s)
  assert.match(inspect({ deep: { plan } }), /Plan/)
})

test('drops, one by one', () => {
  const first = plan.drops.at(0)
  assert.equal(first?.why, 'within_window')
  assert.deepEqual(Object.keys(first?.key ?? {}), ['task_id', 'commit_hash'])
  assert.deepEqual(plan.drops.at(-1), [...plan.drops][2])
  assert.deepEqual([plan.drops.at(3), plan.drops.at(-4)], [undefined, undefined])
  const [one] = chained.drops
  if (one?.why !== 'chained') assert.fail()
  assert.deepEqual([one.viaId, one.viaGap, one.keeperId], ['1', '9m', '2'])
  assert.ok(Object.isFrozen(one) && Object.isFrozen(one.key))
  const many = policy('mode = "forever"').plan(
    'runs',
    Array.from({ length: 1000 }, (_, id) => ({ id, task: 1, at: at(0) })),
    { now },
  )
  assert.deepEqual(
    [...many.drops].map(({ id }) => id),
    many.dropIds,
  )
})

test('explanations, from rows and from a plan', () => {
  const said = chained.explain(0)
  assert.equal(said.sentence.startsWith('`0` is dropped: `2` has the same task = `T`'), true)
  if (said.decision !== 'drop' || said.why !== 'chained') assert.fail()
  assert.deepEqual(said.via, { id: '1', time: '2026-02-12T00:09:00Z', gap: '9m' })
  assert.equal(said.toJson(), chained.explain('0').toJson())
  assert.equal(chained.explain(7n).decision, 'absent')
  assert.ok(Object.isFrozen(said) && Object.isFrozen(said.via))
  assert.equal(JSON.stringify(Object.keys(said)).includes('toJson'), false)
})

test('a plan is saved whole, and loaded again', () => {
  const path = join(folder(), 'plan.json')
  plan.save(path)
  assert.equal(readFileSync(path, 'utf8'), plan.toJson())
  for (const again of [
    Plan.load(path),
    Plan.load(pathToFileURL(path)),
    Plan.parse(plan.toJson()),
  ]) {
    assert.ok(again.equals(plan))
    assert.equal(again.toJson(), plan.toJson())
    assert.deepEqual([...again.drops], [...plan.drops])
  }
  assert.equal(plan.equals(chained), false)
  assert.equal(plan.equals('plan'), false)
  const altered = plan.toJson().replace('"keep": 39', '"keep": 38')
  assert.equal(refused(() => Plan.parse(altered)).code, 'plan.altered')
  assert.equal(refused(() => Plan.load('nowhere.json')).code, 'ENOENT')
})

test('saving keeps the mode and the link, and leaves nothing behind', () => {
  const made = folder()
  const path = join(made, 'plan.json')
  writeFileSync(path, 'old')
  chmodSync(path, 0o640)
  const link = join(made, 'latest.json')
  symlinkSync('plan.json', link)
  plan.save(link)
  assert.equal(statSync(path).mode & 0o777, 0o640)
  assert.ok(lstatSync(link).isSymbolicLink())
  assert.ok(Plan.load(path).equals(plan))
  assert.equal(refused(() => plan.save(made)).code, 'EISDIR')
  assert.equal(refused(() => plan.save(join(made, 'no', 'plan.json'))).code, 'ENOENT')
  assert.deepEqual(readdirSync(made).sort(), ['latest.json', 'plan.json'])
  if (existsSync('/dev/null')) plan.save('/dev/null')
})

test('a plan as Arrow', () => {
  const table = arrow.tableFromIPC(plan.toArrow())
  assert.equal(table.numRows, 3)
  assert.deepEqual(table.toArray().map(row => `${row.id}`).length, 3)
  assert.deepEqual(
    table.schema.fields.map(({ name }) => name),
    ['id', 'keeper_id', 'key', 'time', 'keeper_time', 'gap', 'why', 'via_id', 'via_gap', 'bucket'],
  )
  const via = arrow.tableFromIPC(chained.toArrow())
  assert.deepEqual([...(via.getChild('via_id') ?? [])], [1n, 2n])
})

test('`now` in every form, and what it is not', () => {
  const empty = given => policy().plan('runs', [], { now: given }).plannedAt
  const nanoseconds = BigInt(Date.parse(now)) * 1_000_000n
  assert.equal(empty(now), now)
  assert.equal(empty('2026-02-13 00:00:00-03'), now)
  assert.equal(empty(new Date(now)), now)
  assert.equal(empty(nanoseconds / 1000n), now)
  assert.equal(empty({ epochNanoseconds: nanoseconds + 1001n }), '2026-02-13T03:00:00.000001Z')
  assert.equal(refused(() => empty('2026-02-13T03:00:00')).code, 'rows.naive_time')
  assert.equal(refused(() => empty(10n ** 18n)).code, 'rows.time_out_of_range')
  assert.equal(refused(() => empty(new Date(8.64e15))).code, 'rows.time_out_of_range')
  for (const wrong of [
    undefined,
    null,
    0,
    1.5,
    Number.NaN,
    {},
    [],
    new Date(Number.NaN),
    2n ** 63n,
    '\ud800',
  ]) {
    assert.equal(refused(() => empty(wrong)).name, 'TypeError', String(wrong))
  }
})

test('wrong arguments are a TypeError, and say what is wrong', () => {
  const any = /** @type {any} */ (policy())
  const calls = {
    'the options are undefined': () => any.plan('runs', []),
    'the options have no `nwo`; there are now': () => any.plan('runs', [], { nwo: now }),
    'the options have no `signal`': () =>
      any.plan('runs', [], { now, signal: AbortSignal.abort() }),
    'rows are a number': () => any.plan('runs', 7, { now }),
    'rows are null': () => any.plan('runs', null, { now }),
    'rows are still to come': () => any.plan('runs', Promise.resolve([]), { now }),
    'a format is for rows as bytes or text': () => any.plan('runs', [], { now, format: 'csv' }),
    'the rule is a number': () => any.plan(7, [], { now }),
    'the rule is a text with half a character': () => any.plan('\ud800', [], { now }),
    'the threads are 1.5': () => any.plan('runs', [], { now, threads: 1.5 }),
    '`decisions` is a number': () => any.plan('runs', [], { now, decisions: 1 }),
    'the options have no `decisions`': () => any.sweep('runs', [], { now, decisions: true }),
    'the source is a string': () => any.plan('runs', [], { now, source: 'x' }),
    '`a` in the source is a number': () => any.plan('runs', [], { now, source: { a: 1 } }),
    'the other policy is an object': () => any.compare('runs', [], {}, { now }),
    'the id is a number': () => any.explain('runs', [], 1.5, { now }),
    'a window is a number': () => any.sweep('runs', [], { now, windows: [10] }),
    'the policy is a string': () => Policy.from(/** @type {any} */ ('x')),
    'the policy is undefined': () => Policy.parse(/** @type {any} */ (undefined)),
    'the format of a policy': () => Policy.parse('', /** @type {any} */ ('yaml')),
    '`window` in the policy is 10': () => Policy.from({ window: 10n }),
    '`max_drops` in the policy is NaN': () => Policy.from({ max_drops: Number.NaN }),
  }
  for (const [message, call] of Object.entries(calls)) {
    const error = refused(call)
    assert.equal(error.name, 'TypeError', error.stack)
    assert.ok(error.message.startsWith(message), error.message)
  }
})

test('an error has its code, its place and its document', () => {
  const error = refused(() =>
    Policy.parse('[dedupe.runs]\nkey = ["task"]\ntime = "at"\nwidnow = "10m"\n'),
  )
  assert.ok(error instanceof HousekeepError && error instanceof Error)
  const { name, code, kind, help, path, line, column } = error
  assert.deepEqual(
    { name, code, kind, help, path, line, column },
    {
      name: 'HousekeepError',
      code: 'policy.unknown_field',
      kind: 'policy',
      help: 'did you mean `window`?',
      path: 'dedupe.runs.widnow',
      line: 4,
      column: 1,
    },
  )
  assert.equal('row' in error, false)
  assert.equal(JSON.parse(error.toJson()).error.code, code)
  assert.match(error.stack ?? '', /^HousekeepError: .*did you mean/)
  assert.equal(
    refused(() => policy().plan('runs', [], { now, threads: 0 })).code,
    'policy.out_of_range',
  )
})

test('the codes are those of core, and of the types', () => {
  const { native } = internal('../dist/native.cjs')
  const union = name => {
    const text = readFileSync(join(home, 'ts', 'error.cts'), 'utf8')
    const body = text.split(`export type ${name} =`)[1]?.split('\n\n')[0] ?? ''
    return [...body.matchAll(/^\s*(?:\| )?.*'([a-z_.]+)'/gm)].map(found => found[1])
  }
  const codes = native.codes()
  assert.deepEqual(union('ErrorCode'), [...codes.map(({ code }) => code), 'internal'])
  assert.ok(codes.every(({ about }) => about.endsWith('.')))
  const kinds = readFileSync(join(home, 'ts', 'error.cts'), 'utf8').match(/ErrorKind = (.*)/)?.[1]
  const all = [...new Set([...codes.map(({ kind }) => kind), 'internal'])]
  assert.equal(kinds, all.map(kind => `'${kind}'`).join(' | '))
})
