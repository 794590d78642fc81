// Values that rows may hold, and those that are refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HousekeepError } from 'housekeep'
import { duplicates, now, policy, refused } from './support.mjs'

const T = '2026-02-12T00:00:00Z'
const instant = nanoseconds => ({ epochNanoseconds: nanoseconds })
const MICROS = BigInt(Date.parse(T)) * 1000n

/** The error that rows with this value in this field are refused with. */
function refusal(field, value, ...lines) {
  const rows = [
    { id: 'a', task: 'T', at: T },
    { id: 'b', task: 'T', at: T, [field]: value },
  ]
  const error = refused(() => policy(...lines).plan('runs', rows, { now }))
  assert.ok(error instanceof HousekeepError, error.stack)
  assert.deepEqual([error.row, error.path], [2, field])
  return [error.code, error.toJson().match(/"message": "(.*)"/)?.[1]]
}

test('times in every form are one time', () => {
  const forms = [
    new Date(T),
    T,
    '2026-02-12 00:00:00+00',
    instant(MICROS * 1000n),
    instant(MICROS * 1000n + 999n),
  ]
  const rows = forms.map((at, id) => ({ id, task: 'T', at }))
  const plan = policy('window = "0s"').plan('runs', rows, { now })
  assert.deepEqual(plan.dropIds, ['0', '1', '2', '3'])
})

test('microseconds are kept, before 1970 too', () => {
  const rows = [
    { id: 1, task: 'T', at: '2026-02-12T00:00:00.000001Z' },
    { id: 2, task: 'T', at: instant(MICROS * 1000n + 2999n) },
    { id: 3, task: 'U', at: instant(-1n) },
    { id: 4, task: 'U', at: '1969-12-31T23:59:59.999999Z' },
  ]
  const plan = policy().plan('runs', rows, { now })
  assert.deepEqual(
    duplicates(plan).map(({ time, keeperTime, gap }) => [time, keeperTime, gap]),
    [
      ['2026-02-12T00:00:00.000001Z', '2026-02-12T00:00:00.000002Z', '1us'],
      ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z', '0s'],
    ],
  )
})

test('integers: whole numbers and bigints of 64 bits, in order of number', () => {
  const ids = [9, 10, 2n ** 63n - 1n, -(2n ** 63n), Number.MAX_SAFE_INTEGER, -0]
  const rows = ids.map(id => ({ id, task: 7, at: T }))
  const plan = policy().plan('runs', rows, { now })
  assert.deepEqual(plan.dropIds, ['-9223372036854775808', '0', '9', '10', '9007199254740991'])
  assert.deepEqual(duplicates(plan)[0]?.key, { task: '7' })
})

test('integer times count in the unit of the rule', () => {
  const rows = [
    { id: 1, task: 'T', at: MICROS },
    { id: 2, task: 'T', at: Number(MICROS) },
  ]
  assert.equal(policy('time_unit = "us"').plan('runs', rows, { now }).drop, 1)
  assert.equal(refused(() => policy().plan('runs', rows, { now })).code, 'rows.no_time_unit')
})

test('what no column can hold is refused by row and field', () => {
  const stands = what => `${what} cannot stand in a column`
  const held = what => `the column held a text so far, and ${what} was found`
  const time = what => `a time was expected, and ${what} was found`
  const wrong = [
    [1.5, 'a number with a fraction'],
    [Number.NaN, 'a number with a fraction'],
    [Number.POSITIVE_INFINITY, 'a number with a fraction'],
    [2 ** 53, 'a number past 2^53, where it is no longer exact'],
    [2 ** 64, 'a number of more than 64 bits'],
    [2n ** 63n, 'a number of more than 64 bits'],
    [-(2n ** 63n) - 1n, 'a number of more than 64 bits'],
    [['T'], 'a list'],
    [{}, 'an object'],
    [new Map(), 'an object'],
    [Buffer.from('T'), 'a value of another kind'],
    [() => 'T', 'a value of another kind'],
    [Symbol('T'), 'a value of another kind'],
    ['T\ud800', 'text that is not Unicode'],
    ['\udc00', 'text that is not Unicode'],
    [new Date(Number.NaN), 'a Date that is no time'],
    [instant(10n ** 30n), 'a time outside the years 0001 to 9999'],
  ]
  for (const [value, what] of wrong) {
    assert.deepEqual(refusal('task', value), ['rows.wrong_type', held(what)])
    assert.deepEqual(refusal('at', value), ['rows.wrong_type', time(what)])
  }
  const first = refused(() => policy().plan('runs', [{ id: 1, task: 1.5, at: null }], { now }))
  assert.match(first.message, new RegExp(stands('a number with a fraction')))
})

const tagged = (...tags) => tags.map((tags, at) => ({ id: at + 1, task: 'T', at: T, tags }))
const columns = rows => ({
  id: rows.map(row => row.id),
  task: rows.map(row => row.task),
  at: rows.map(row => row.at),
  tags: rows.map(row => row.tags),
})

test('a list of text has what is in it, or it does not', () => {
  const lists = tagged(
    ['release'],
    [],
    null,
    ['releases', 'Release', 'rele', 'ase'],
    ['', '7:release'],
    ['signed', 'ñandú 🦤', '7:x', '', '\0', 'release', 'é'.repeat(1000)],
  )
  for (const rows of [lists, columns(lists)]) {
    const one = policy('only = { tags = { has = "release" } }').plan('runs', rows, { now })
    assert.deepEqual([one.dropIds, one.skipped.notOnly], [['1'], 4])
    const odd = policy('only = { tags = { has = ["", "7:x", "ñandú 🦤", "\\u0000"] } }')
    assert.deepEqual(odd.plan('runs', rows, { now }).skipped.notOnly, 5)
    const half = policy('only = { tags = { has = ["signed", "dodo"] } }')
    assert.deepEqual(half.plan('runs', rows, { now }).skipped.notOnly, 6)
  }
  const many = tagged(...Array.from({ length: 10_000 }, (_, n) => [`${n % 2}`, `é${n}`]))
  const even = policy('only = { tags = { has = "0" } }').plan('runs', many, { now })
  assert.deepEqual([even.drop, even.skipped.notOnly], [4999, 5000])
})

test('a list of anything but text, and what is no list', () => {
  const only = 'only = { tags = { has = "a" } }'
  // biome-ignore lint/suspicious/noSparseArray: that is the test
  const others = [['a', null], ['a', undefined], [1], [['a']], ['a\ud800'], [, 'a']]
  const wrong = [
    ...others.map(tags => [tags, 'a list of another kind']),
    ['a', 'a text'],
    [{}, 'an object'],
  ]
  for (const [tags, what] of wrong) {
    for (const rows of [tagged(['a'], tags), columns(tagged(['a'], tags))]) {
      const error = refused(() => policy(only).plan('runs', rows, { now }))
      assert.deepEqual([error.code, error.row, error.path], ['rows.wrong_type', 2, 'tags'])
      assert.match(error.message, new RegExp(`a list of text was expected, and ${what} was found`))
    }
  }
  const text = refused(() => policy('only = { tags = "a" }').plan('runs', tagged(['a']), { now }))
  assert.match(text.message, /a text was expected, and a list was found/)
})

test('a list in a sentence', () => {
  const only = policy('only = { tags = { has = "a" } }')
  const { sentence } = only.explain('runs', tagged(['b', 'ñ "c"']), 1, { now })
  assert.ok(sentence.endsWith('its tags is `["b", "ñ \\"c\\""]`'), sentence)
})

test('a Date outside the years that are taken is refused as its text is', () => {
  const far = new Date(8.64e15)
  const expected = '`+275760-09-13T00:00:00.000Z` is outside the years 0001 to 9999'
  assert.deepEqual(refusal('at', far), ['rows.time_out_of_range', expected])
  assert.deepEqual(refusal('at', far), refusal('at', far.toISOString()))
  const before = new Date('-000044-03-15T00:00:00Z')
  assert.deepEqual(refusal('at', before), refusal('at', before.toISOString()))
})

test('a missing field is no null', () => {
  const missing = ['rows.missing_field', 'the field is missing']
  assert.deepEqual(refusal('task', undefined), missing)
  const rows = [{ id: 1, task: null, at: null }, Object.create({ id: 2, task: null, at: null })]
  // Fields that an object inherits are its own, as those of an ORM's records are.
  assert.equal(policy().plan('runs', rows, { now }).skipped.nullTime, 2)
})

test('half characters are never mended: two keys would become one', () => {
  const rows = [
    { id: 'a', task: '\ud83d', at: T },
    { id: 'b', task: '\ude00', at: T },
  ]
  assert.equal(refused(() => policy().plan('runs', rows, { now })).row, 1)
  const whole = [
    { id: 'é', task: '😀', at: T },
    { id: '\u0000', task: '😀', at: T },
    { id: '\ufffd', task: '\ufffd', at: T },
  ]
  assert.deepEqual(policy().plan('runs', whole, { now }).dropIds, ['\u0000'])
})

test('getters that throw, proxies and holes', () => {
  const thrown = new Error('no')
  const throwing = {
    id: 1,
    get task() {
      throw thrown
    },
  }
  assert.equal(
    refused(() => policy().plan('runs', [throwing], { now })),
    thrown,
  )
  const proxy = new Proxy({}, { get: (_, name) => ({ id: 1, task: 'T', at: T })[name] })
  assert.equal(policy().plan('runs', [proxy], { now }).keep, 1)
  // biome-ignore lint/suspicious/noSparseArray: that is the test
  const sparse = [proxy, , proxy]
  const error = refused(() => policy().plan('runs', /** @type {any} */ (sparse), { now }))
  assert.deepEqual([error.code, error.row], ['rows.syntax', 2])
})

test('rows that are no objects', () => {
  const found = { 'a list': ['a'], null: null, 'a text': 'a', 'an integer': 7 }
  for (const [what, row] of Object.entries(found)) {
    const rows = /** @type {any} */ ([{ id: 1, task: 'T', at: T }, row])
    const error = refused(() => policy().plan('runs', rows, { now }))
    assert.deepEqual([error.code, error.row], ['rows.syntax', 2])
    assert.equal(
      error.message,
      `row 2: a row is ${what}, and an object was expected; give one object per row`,
    )
  }
})

test('any iterable, and more rows than a chunk', () => {
  function* rows() {
    for (let id = 0; id < 10_000; id++) yield { id, task: `T${id >> 1}`, at: T }
  }
  const plan = policy().plan('runs', rows(), { now })
  assert.deepEqual([plan.total, plan.drop], [10_000, 5000])
  assert.equal(policy().plan('runs', new Set(rows()), { now }).drop, 5000)
})

test('an iterable is told when nobody reads on', () => {
  let closed = false
  function* rows() {
    try {
      for (;;) yield { id: 1, task: Number.NaN, at: T }
    } finally {
      closed = true
    }
  }
  assert.equal(refused(() => policy().plan('runs', rows(), { now })).row, 1)
  assert.ok(closed)
})

test('long texts, alone and in numbers', () => {
  const long = 'é'.repeat(3_000_000)
  const rows = [129, 200, 3_000_000].flatMap(length => [
    { id: `${length}a`, task: long.slice(0, length), at: T },
    { id: `${length}b`, task: long.slice(0, length), at: T },
  ])
  assert.deepEqual(policy().plan('runs', rows, { now }).dropIds, ['129a', '200a', '3000000a'])
  const error = refused(() =>
    policy().plan('runs', [{ id: 1, task: 'x'.repeat(2 ** 28 + 1), at: T }], { now }),
  )
  assert.equal(error.code, 'rows.too_large')
})
