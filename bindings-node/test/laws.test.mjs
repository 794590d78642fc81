// The laws of core, through the binding: for every rule and every rows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as arrow from 'apache-arrow'
import fc from 'fast-check'
import { ipc, now, policy } from './support.mjs'

const START = Date.parse('2026-02-10T00:00:00Z')
const MINUTE = 60_000

const rows = fc
  .array(
    fc.record({
      task: fc.constantFrom('T', 'Ü', '😀', '', null),
      at: fc.option(
        fc.integer({ min: 0, max: 60 }).map(n => new Date(START + n * MINUTE)),
        {
          freq: 10,
        },
      ),
    }),
    { maxLength: 40 },
  )
  .map(all => all.map((row, id) => ({ id, ...row })))

const rule = fc
  .record({
    mode: fc.constantFrom('anchor', 'chain', 'tumbling', 'forever'),
    keep: fc.constantFrom('newest', 'oldest'),
    nullKey: fc.constantFrom('equal', 'distinct', 'skip'),
    window: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ mode, keep, nullKey, window }) => ({
    mode,
    window,
    policy: policy(
      `mode = "${mode}"`,
      `keep = "${keep}"`,
      `null_key = "${nullKey}"`,
      ...(mode === 'forever' ? [] : [`window = "${window}m"`]),
    ),
  }))

const law = (name, check) => test(name, () => fc.assert(fc.property(rule, rows, check)))
const plan = ({ policy }, all) => policy.plan('runs', all, { now })

law('every row is kept, dropped or left alone', (rule, all) => {
  const { total, eligible, keep, drop, skipped } = plan(rule, all)
  const left = Object.values(skipped).reduce((sum, count) => sum + count, 0)
  assert.equal(total, all.length)
  assert.equal(keep + drop, eligible)
  assert.equal(eligible + left, total)
})

law('the ids that go are some of the rows, each once', (rule, all) => {
  const { dropIds, drops, drop } = plan(rule, all)
  assert.deepEqual([dropIds.length, drops.length], [drop, drop])
  assert.deepEqual(
    [...drops].map(({ id }) => id),
    dropIds,
  )
  assert.equal(new Set(dropIds).size, drop)
  const ids = new Set(all.map(({ id }) => String(id)))
  assert.ok(dropIds.every(id => ids.has(id)))
})

law('for every row that goes one of its key stays, as near as the mode says', (rule, all) => {
  const found = plan(rule, all)
  const gone = new Set(found.dropIds)
  const window = rule.window * MINUTE
  for (const [place, drop] of [...found.drops].entries()) {
    const [row, keeper] = [drop.id, drop.keeperId].map(id => all[Number(id)])
    assert.ok(row?.at && keeper?.at && !gone.has(drop.keeperId))
    assert.equal(row.task, keeper.task)
    assert.deepEqual(drop.key, { task: row.task })
    assert.deepEqual([Date.parse(drop.time), Date.parse(drop.keeperTime)], [+row.at, +keeper.at])
    const gap = (one, other) => Math.abs(one.at - other.at)
    switch (drop.why) {
      case 'within_window':
        assert.ok(gap(row, keeper) <= window)
        break
      case 'chained':
        assert.ok(gap(row, all[Number(drop.viaId)]) <= window)
        break
      case 'same_bucket':
        assert.equal(Math.floor(+row.at / window) * window, Date.parse(drop.bucket))
        assert.equal(Math.floor(+keeper.at / window) * window, Date.parse(drop.bucket))
        break
      default:
        assert.equal(rule.mode, 'forever')
    }
    assert.deepEqual(found.drops.at(place), drop)
    const said = found.explain(drop.id)
    assert.deepEqual([said.decision, said.why], ['drop', drop.why])
    assert.deepEqual(rule.policy.explain('runs', all, drop.id, { now }), said)
  }
})

law('the order of the rows does not matter, nor does asking twice', (rule, all) => {
  const json = plan(rule, all).toJson()
  assert.equal(plan(rule, all.toReversed()).toJson(), json)
  assert.equal(plan(rule, all).toJson(), json)
})

law('without the rows that go, nothing goes', (rule, all) => {
  const gone = new Set(plan(rule, all).dropIds)
  const rest = all.filter(({ id }) => !gone.has(String(id)))
  assert.equal(plan(rule, rest).drop, 0)
})

/** The same rows in every form. */
function forms(all) {
  const columns = {
    id: Int32Array.from(all, ({ id }) => id),
    task: all.map(({ task }) => task),
    at: all.map(({ at }) => at),
  }
  const table = new arrow.Table({
    id: arrow.vectorFromArray(columns.id),
    task: arrow.vectorFromArray(columns.task, new arrow.Utf8()),
    at: arrow.vectorFromArray(columns.at, new arrow.TimestampMillisecond('UTC')),
  })
  return [
    columns,
    JSON.stringify(all),
    Buffer.from(JSON.stringify(all)),
    ipc(table),
    ipc(table, true),
  ]
}

law('all forms agree', (rule, all) => {
  // An empty vector of apache-arrow has no batch, and so no column.
  fc.pre(all.length > 0)
  const json = plan(rule, all).toJson()
  for (const form of forms(all)) assert.equal(plan(rule, form).toJson(), json)
})

test('sync and async agree, for every question', async () => {
  await fc.assert(
    fc.asyncProperty(rule, rows, async ({ policy }, all) => {
      const other = policy.replace('runs', 'keep=oldest')
      const options = { now }
      const pairs = [
        [policy.plan('runs', all, options), policy.planAsync('runs', all, options)],
        [policy.sweep('runs', all, options), policy.sweepAsync('runs', all, options)],
        [
          policy.compare('runs', all, other, options),
          policy.compareAsync('runs', all, other, options),
        ],
        [policy.explain('runs', all, 3, options), policy.explainAsync('runs', all, 3, options)],
      ]
      for (const [sync, async] of pairs) {
        assert.equal((await async)?.toJson(), (await sync)?.toJson())
      }
    }),
    { numRuns: 50 },
  )
})
