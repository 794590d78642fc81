// Off the event loop: it stays responsive, an abort stops the work, and a panic is an error.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { HousekeepError } from 'housekeep'
import { rows } from '../bench/rows.mjs'
import { collect, internal, now, policy } from './support.mjs'

const million = rows(1_000_000)
const runs = policy().replace('runs', 'key=["task_id"]', 'time=started_at')
const json = Buffer.from(JSON.stringify(million))
const later = options =>
  runs.planAsync('runs', million, { now: '2026-12-01T00:00:00Z', ...options })

/** When a timer of one millisecond came to its turns while this ran. */
async function turnsDuring(work) {
  const turns = []
  const timer = setInterval(() => turns.push(performance.now()), 1)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return turns
}

test('a million rows leave the event loop responsive', async t => {
  // What the tests left behind is not collected while the timer runs.
  await collect()
  for (const [form, rows] of Object.entries({ objects: million, JSON: json })) {
    let plan
    const start = performance.now()
    const turns = await turnsDuring(async () => {
      plan = await runs.planAsync('runs', rows, { now: '2026-12-01T00:00:00Z' })
    })
    const end = performance.now()
    const waits = [...turns, end].map((turn, n) => turn - (turns[n - 1] ?? start) - 1)
    const [worst, all] = [Math.max(...waits), end - start].map(millis => millis.toFixed(0))
    t.diagnostic(`${form}: a timer waited at most ${worst} ms in ${all} ms`)
    assert.equal(plan?.total, 1_000_000)
    // Not the waits: V8 may collect the test's own million objects at any time.
    const tenths = new Set(turns.map(turn => Math.floor((10 * (turn - start)) / (end - start))))
    assert.ok(tenths.size > 3, `the timer had its turn in ${tenths.size} tenths of the time`)
  }
})

test('an aborted signal never starts', async () => {
  const reason = new Error('enough')
  let read = 0
  function* counted() {
    read++
    yield* million
  }
  const options = { now, signal: AbortSignal.abort(reason) }
  await assert.rejects(runs.planAsync('runs', counted(), options), error => error === reason)
  await assert.rejects(later({ signal: AbortSignal.abort() }), { name: 'AbortError' })
  assert.equal(read, 0)
})

test('an abort while rows are read', async () => {
  const control = new AbortController()
  let read = 0
  let closed = false
  function* counted() {
    try {
      for (const row of million) {
        if (++read === 100_000) control.abort(new Error('enough'))
        yield row
      }
    } finally {
      closed = true
    }
  }
  const options = { now, signal: control.signal }
  await assert.rejects(runs.planAsync('runs', counted(), options), /enough/)
  assert.ok(read < million.length / 2, `${read} were read`)
  assert.ok(closed)
})

test('an abort while the decision is made', async () => {
  const shares = []
  // V8 may collect in any of them, and the machine may have other work.
  while (shares.length < 8 && !shares.some(share => share < 0.7)) {
    const plain = await time(() => runs.planAsync('runs', json, { now }))
    const signal = AbortSignal.timeout(Math.max(1, Math.round(plain / 4)))
    const refused = () =>
      assert.rejects(runs.planAsync('runs', json, { now, signal }), { name: 'TimeoutError' })
    shares.push((await time(refused)) / plain)
  }
  assert.ok(Math.min(...shares) < 0.7, `it took these shares of the time: ${shares}`)
})

async function time(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

test('the work itself stops when it is asked to', async () => {
  const { native } = internal('../dist/native.cjs')
  const { calling, translated } = internal('../dist/error.cjs')
  const handle = native.parsePolicy(
    '[dedupe.runs]\nkey = ["task"]\ntime = "at"\nwindow = "10m"',
    false,
  )
  const ask = calling(() => native.askPlan(handle, { rule: 'runs', now }, false))
  const stop = new native.Stop()
  stop.stop()
  const rows = native.rowsOfBytes(Buffer.from('[{"id": 1, "task": "T", "at": null}]'))
  const error = await ask.answerLater(rows, stop).catch(translated)
  assert.deepEqual([error.code, error.kind], ['cancelled', 'cancelled'])
})

test('an abort after the answer changes nothing', async () => {
  const control = new AbortController()
  const plan = await policy().planAsync('runs', '[]', { now, signal: control.signal })
  control.abort()
  assert.equal(plan.total, 0)
})

test('wrong arguments and wrong rows reject', async () => {
  const wrong = /** @type {any} */ ({ now, signal: 'stop' })
  await assert.rejects(policy().planAsync('runs', [], wrong), TypeError)
  await assert.rejects(policy().planAsync('nuns', [], { now }), { code: 'policy.unknown_rule' })
  await assert.rejects(policy().planAsync('runs', '[1]', { now }), { code: 'rows.syntax', row: 1 })
  const sweeping = /** @type {any} */ ({ now, windows: ['10m'] })
  await assert.rejects(policy().planAsync('runs', [], sweeping), TypeError)
})

test('a panic is an error, here and off the loop, and the process lives', async () => {
  const native = internal('../housekeep.node')
  const { calling, translated } = internal('../dist/error.cjs')
  const check = error => {
    assert.ok(error instanceof HousekeepError)
    assert.deepEqual([error.code, error.kind], ['internal', 'internal'])
    assert.equal(error.message, 'this is a bug in housekeep: on purpose')
    assert.equal(JSON.parse(error.toJson()).error.code, 'internal')
    return true
  }
  assert.throws(() => calling(() => native.panicNow()), check)
  await assert.rejects(
    native.panicLater().catch(error => Promise.reject(translated(error))),
    check,
  )
  assert.equal(policy().plan('runs', [], { now }).total, 0)
})

test('worker threads each load it, at once', async () => {
  const script = `
    const { parentPort } = require('node:worker_threads')
    const { Policy, HousekeepError } = require('housekeep')
    const policy = Policy.parse('[dedupe.runs]\\nkey = ["task"]\\ntime = "at"\\nwindow = "10m"')
    const rows = Array.from({ length: 20000 }, (_, id) => ({ id, task: id >> 1, at: new Date(0) }))
    const options = { now: '${now}' }
    try { policy.plan('runs', [1], options) } catch (error) {
      if (!(error instanceof HousekeepError)) throw error
    }
    const one = policy.plan('runs', rows, options).toJson()
    policy.planAsync('runs', rows, options).then(two => {
      parentPort.postMessage(one === two.toJson() && two.drop)
    })
  `
  const answers = Array.from({ length: 8 }, () => {
    const worker = new Worker(script, { eval: true })
    return new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject))
  })
  assert.deepEqual(await Promise.all(answers), Array(8).fill(10_000))
  // One that ends in the middle of its work takes nobody along.
  const cut = new Worker(script.replace('parentPort.postMessage', 'void '), { eval: true })
  setTimeout(() => cut.terminate(), 30)
  await new Promise(resolve => cut.on('exit', resolve))
  assert.equal(policy().plan('runs', [], { now }).total, 0)
})
