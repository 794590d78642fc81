// Columns, Arrow and bytes: the same rows, the same plan.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import * as arrow from 'apache-arrow'
import { collect, ipc, now, policy, refused } from './support.mjs'

const at = minute => `2026-02-12T00:${String(minute).padStart(2, '0')}:00Z`
const objects = [
  { id: 1, task: 'T', at: at(0) },
  { id: 2, task: 'T', at: at(5) },
  { id: 3, task: null, at: at(6) },
  { id: 4, task: 'Ü', at: null },
]
const column = name => objects.map(row => row[name])
const columns = { id: column('id'), task: column('task'), at: column('at') }
const expected = policy().plan('runs', objects, { now }).toJson()
const plan = (rows, options = {}) => policy().plan('runs', rows, { now, ...options })

test('columns of arrays', () => {
  assert.equal(plan(columns).toJson(), expected)
  const dates = columns.at.map(time => time && new Date(time))
  assert.equal(plan({ ...columns, at: dates }).toJson(), expected)
})

test('columns of typed arrays', () => {
  const typed = [
    BigInt64Array.of(1n, 2n, 3n, 4n),
    BigUint64Array.of(1n, 2n, 3n, 4n),
    ...[Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array].map(kind =>
      kind.of(1, 2, 3, 4),
    ),
    Float32Array.of(1, 2, 3, 4),
    Float64Array.of(1, 2, 3, 4),
  ]
  for (const id of typed) assert.equal(plan({ ...columns, id }).toJson(), expected)
  const micros = columns.at.map(time => BigInt(time ? Date.parse(time) : 0) * 1000n)
  const timed = policy('time_unit = "us"').plan(
    'runs',
    { ...columns, at: BigInt64Array.from(micros) },
    { now },
  )
  assert.deepEqual(timed.dropIds, ['1'])
  const many = BigInt64Array.from({ length: 200_000 }, (_, n) => BigInt(n))
  const zeros = new Int32Array(200_000)
  const large = policy('time_unit = "s"').plan(
    'runs',
    { id: many, task: zeros, at: zeros },
    { now },
  )
  assert.equal(large.drop, 199_999)
})

test('columns that are wrong', () => {
  const error = rows => {
    const { code, path, row } = refused(() => plan(rows))
    return { code, path, row }
  }
  const { id, task } = columns
  assert.deepEqual(error({ ...columns, id: Float64Array.of(1, 2, 3, Number.NaN) }), {
    code: 'rows.wrong_type',
    path: 'id',
    row: 4,
  })
  assert.equal(error({ ...columns, id: BigUint64Array.of(1n, 2n, 3n, 2n ** 63n) }).row, 4)
  assert.equal(error({ ...columns, id: [1, 2] }).code, 'rows.syntax')
  assert.equal(error({ id, task }).code, 'rows.missing_column')
  const { help } = refused(() => plan({ id, tsak: task, at: columns.at }))
  assert.equal(help, 'did you mean `tsak`?')
  assert.equal(refused(() => plan({ ...columns, id: 'abcd' })).name, 'TypeError')
  assert.equal(
    refused(() => plan({ ...columns, id: new DataView(new ArrayBuffer(8)) })).name,
    'TypeError',
  )
  assert.equal(plan({ id: [], task: [], at: [] }).total, 0)
})

test('bytes and text, with the format told or found', () => {
  const json = JSON.stringify(objects)
  const ndjson = objects.map(row => JSON.stringify(row)).join('\n')
  const csv = `id,task,at\n${objects.map(row => Object.values(row).join()).join('\n')}`
  for (const [format, text] of Object.entries({ json, ndjson, csv })) {
    assert.equal(plan(text, { format }).toJson(), expected, format)
    assert.equal(plan(Buffer.from(text), { format }).toJson(), expected, format)
  }
  assert.equal(plan(json).toJson(), expected)
  assert.equal(plan(Buffer.from(ndjson)).toJson(), expected)
  assert.equal(refused(() => plan('[]', { format: 'xml' })).code, 'io.format')
  assert.equal(refused(() => plan(new Uint8Array())).code, 'rows.empty')
  assert.equal(refused(() => plan('["\ud800"]')).name, 'TypeError')
})

test('memory that is shared, and dates of another realm', () => {
  const shared = new BigInt64Array(new SharedArrayBuffer(32))
  shared.set([1n, 2n, 3n, 4n])
  const there = /** @type {(time: string) => Date} */ (runInNewContext('time => new Date(time)'))
  const dates = columns.at.map(time => time && there(time))
  assert.equal(plan({ ...columns, id: shared, at: dates }).toJson(), expected)
  const bytes = Buffer.from(JSON.stringify(objects))
  const text = new Uint8Array(new SharedArrayBuffer(bytes.length))
  text.set(bytes)
  assert.equal(
    policy()
      .plan('runs', text, { now: there(now) })
      .toJson(),
    expected,
  )
})

test('the collector knows what a plan holds, and the plan what it needs', async () => {
  await collect()
  const text = JSON.stringify(Array.from({ length: 10_000 }, (_, id) => ({ ...objects[0], id })))
  const before = process.memoryUsage().external
  const more = () => process.memoryUsage().external - before
  let kept = plan(text)
  await collect()
  const first = kept.drops.at(0)
  assert.equal(first && 'keeperId' in first && first.keeperId, '9999')
  assert.ok(more() > text.length / 10)
  kept = plan('[]')
  await collect()
  assert.ok(more() < text.length / 20)
})

test('threads do not change the answer', () => {
  assert.equal(plan(columns, { threads: 3 }).toJson(), expected)
})

const { Utf8, LargeUtf8, Int32, Int64, TimestampMicrosecond, TimestampMillisecond } = arrow
const vector = (values, type) => arrow.vectorFromArray(values, type)
const millis = columns.at.map(time => time && Date.parse(time))

test('Arrow streams and files', () => {
  const times = {
    text: vector(columns.at, new Utf8()),
    milliseconds: vector(millis, new TimestampMillisecond('UTC')),
    microseconds: vector(millis, new TimestampMicrosecond('UTC')),
  }
  const texts = {
    Utf8: vector(columns.task, new Utf8()),
    LargeUtf8: vector(columns.task, new LargeUtf8()),
    Dictionary: vector(columns.task, new arrow.Dictionary(new Utf8(), new Int32())),
  }
  for (const [time, at] of Object.entries(times)) {
    for (const [text, task] of Object.entries(texts)) {
      const table = new arrow.Table({ id: vector([1, 2, 3, 4], new Int32()), task, at })
      for (const asFile of [false, true]) {
        const bytes = ipc(table, asFile)
        const which = `${time}, ${text}, ${asFile ? 'a file' : 'a stream'}`
        assert.equal(plan(bytes).toJson(), expected, which)
        assert.equal(plan(bytes, { format: 'arrow' }).toJson(), expected, which)
      }
    }
  }
})

test('lists of text in Arrow', () => {
  const tags = [['release'], null, ['releases'], ['', 'release']]
  const rows = tags.map((tags, id) => ({ id, task: 'T', at: at(id), tags }))
  const list = new arrow.List(new arrow.Field('item', new Utf8(), true))
  const table = new arrow.Table({
    id: vector([0, 1, 2, 3], new Int32()),
    task: vector(['T', 'T', 'T', 'T'], new Utf8()),
    at: vector([0, 1, 2, 3].map(at), new Utf8()),
    tags: vector(tags, list),
  })
  const only = policy('only = { tags = { has = "release" } }')
  const found = only.plan('runs', ipc(table), { now })
  assert.deepEqual(found.dropIds, ['0'])
  assert.equal(found.toJson(), only.plan('runs', rows, { now }).toJson())
})

test('Arrow in many batches, and bytes at odd places', () => {
  const batch = n =>
    new arrow.Table({
      id: vector([BigInt(n)], new Int64()),
      task: vector(['T'], new Utf8()),
      at: vector([at(0)], new Utf8()),
    })
  const table = batch(0).concat(...Array.from({ length: 99 }, (_, n) => batch(n + 1)))
  for (const asFile of [false, true]) {
    const bytes = ipc(table, asFile)
    const odd = new Uint8Array(bytes.length + 1).subarray(1)
    odd.set(bytes)
    assert.equal(plan(odd).drop, 99)
  }
})

test('Arrow that is cut or changed is refused, or read, and never more', () => {
  const table = new arrow.Table({
    id: vector([1, 2, 3, 4], new Int32()),
    task: vector(columns.task, new Utf8()),
    at: vector(columns.at, new Utf8()),
  })
  for (const asFile of [false, true]) {
    const whole = ipc(table, asFile)
    let refusals = 0
    const attempt = bytes => {
      try {
        plan(bytes, { format: 'arrow' })
      } catch (error) {
        assert.match(error.code, /^rows\./, error.stack)
        refusals++
      }
    }
    for (let length = 0; length < whole.length; length++) attempt(whole.subarray(0, length))
    assert.ok(refusals > whole.length * 0.9, `${refusals} of ${whole.length}`)
    for (let place = 0; place < whole.length; place += 3) {
      const changed = whole.slice()
      changed[place] = (changed[place] ?? 0) ^ 0xff
      attempt(changed)
    }
  }
  const naive = new arrow.Table({
    id: vector([1], new Int32()),
    task: vector(['T'], new Utf8()),
    at: vector([0], new TimestampMillisecond()),
  })
  assert.equal(refused(() => plan(ipc(naive))).code, 'rows.naive_time')
})
