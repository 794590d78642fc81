// Schedules: a day of a service, what is refused, and that no wait misses a change.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { HousekeepError, Policy, Schedule, ScheduleState } from 'housekeep'
import { root } from './support.mjs'

const policy = Policy.fromFile(join(root, 'scenarios/facturapi/policy.toml'))
/** Asked of wrong things, too. @type {any} */
const backup = policy.schedule('backup')
const open = new Date('2026-02-13T09:10:00Z')

test('a night is offered once, and done once', () => {
  let state = backup.begin({ now: open })
  const due = backup.due(state, { now: open })
  assert.equal(due.due, 'run')
  assert.equal(due.run.claim, 'backup/2026-02-13/1')
  assert.deepEqual(due.run.reasons, [{ rule: 'at', why: 'new' }])
  state = backup.record(state, 'started', due.run, { now: open })
  assert.equal(backup.missed(state, { now: open }).running[0].staleAt, '2026-02-14T09:10:00Z')
  state = backup.record(state, 'finished', due.run, { now: open, success: true })
  assert.deepEqual(backup.due(state, { now: open }).wait, {
    until: '2026-02-14T09:00:00Z',
    why: 'opens',
    slot: 'backup/2026-02-14',
  })
  assert.equal(state.since, '2026-02-13')
  assert.equal(state.runs['2026-02-13'].state, 'done')
  assert.equal(state.runs['2026-02-13'].completedAt, '2026-02-13T09:10:00Z')
  assert.ok(backup.record(state, 'finished', due.run, { now: open, success: true }).equals(state))
})

test('a weekly run takes up what did not succeed', () => {
  /** @type {any} */
  const weekly = policy.schedule('schedule.weekly')
  const now = '2026-02-15T08:30:00Z'
  let state = weekly.begin({ now })
  const { run } = weekly.due(state, { now })
  state = weekly.record(state, 'started', run, { now })
  const [first, ...rest] = run.tasks
  state = weekly.record(state, 'task', run, { now, task: first, success: true })
  assert.deepEqual(state.runs['2026-02-15'].tasks, { vacuum_analyze: true })
  state = weekly.record(state, 'abandoned', run, { now })
  const again = weekly.due(state, { now }).run
  assert.deepEqual(again.tasks, rest)
  assert.equal(again.claim, 'weekly/2026-02-15/2')
})

test('slots, and how long a run is to be remembered', () => {
  const { slots } = backup.slots({ from: open, to: '2026-02-16T00:00:00Z' })
  assert.deepEqual(
    slots.map((/** @type {any} */ one) => one.slot),
    ['backup/2026-02-14', 'backup/2026-02-15'],
  )
  assert.deepEqual(backup.next({ now: open }).slot, slots[0])
  assert.deepEqual(backup.nextAfter(slots[0]).slot, slots[1])
  const { keepUntil } = backup.keepUntil(slots[0])
  let state = backup.record(backup.state('2026-02-14'), 'skipped', slots[0], { now: open })
  const json = backup.runJson(state, slots[0])
  assert.equal(json, '{"state":"skipped"}')
  assert.ok(backup.withRun(backup.state('2026-02-14'), slots[0], json).equals(state))
  assert.equal(backup.runJson(state, slots[1]), null)
  state = backup.forget(state, { now: keepUntil })
  assert.deepEqual(state.runs, {})
})

test('what is refused says what to do', () => {
  const state = backup.begin({ now: open })
  /** @type {(work: () => unknown, code: string, message: RegExp) => void} */
  const refused = (work, code, message) =>
    assert.throws(work, (/** @type {any} */ error) => {
      assert.ok(error instanceof HousekeepError, error.stack)
      assert.equal(error.code, code)
      assert.match(error.message, message)
      return true
    })
  refused(() => policy.schedule('bakcup'), 'policy.unknown_rule', /did you mean `backup`/)
  refused(
    () => backup.record(state, 'start', '2026-02-13', { now: open }),
    'state.bad_event',
    /did you mean `started`/,
  )
  refused(
    () => backup.record(state, 'finished', '2026-02-13', { now: open }),
    'state.bad_event',
    /say whether it succeeded/,
  )
  refused(
    () => policy.schedule('weekly').due(/** @type {any} */ (state), { now: open }),
    'state.other',
    /ask `backup`/,
  )
  refused(() => ScheduleState.fromJson('{}'), 'state.syntax', /begin a state/)
  for (const work of [
    () => backup.due(undefined, { now: open }),
    () => backup.due({}, { now: open }),
    () => backup.due(state, { now: new Date(Number.NaN) }),
    () => backup.due(state, { now: 17 }),
    () => backup.due(state, {}),
    () => backup.due(state, { now: open, at: open }),
    () => backup.keepUntil(7),
    () => backup.keepUntil({}),
    () => backup.record(state, 'finished', '2026-02-13', { now: open, success: 'yes' }),
    () => backup.record(state, 7, '2026-02-13', { now: open }),
    () => policy.schedule(/** @type {any} */ (undefined)),
    () => new /** @type {any} */ (Schedule)({}).due(state, { now: open }),
  ]) {
    assert.throws(work, TypeError)
  }
})

test('they are shown as what they say', () => {
  assert.match(inspect(backup), /^Schedule \{ name: 'backup' \}$/)
  assert.match(inspect(backup.begin({ now: open })), /^ScheduleState \{ since: '2026-02-13'/)
})

test('whoever sleeps until `wait.until` misses nothing', () => {
  const hour = 3_600_000
  const events = ['started', 'finished', 'abandoned', 'skipped', 'manual']
  const event = fc.record({
    what: fc.constantFrom(...events),
    day: fc.integer({ min: 10, max: 16 }),
    success: fc.boolean(),
  })
  /** @type {(schedule: any, state: any, now: Date) => object} */
  const said = (schedule, state, now) => {
    const { due, run } = schedule.due(state, { now })
    const { runs, running } = schedule.missed(state, { now })
    return { due, run, runs, running }
  }
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 8 }),
      fc.integer({ min: 0, max: 7 * 24 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (events, after, part) => {
        let state = backup.state('2026-02-10')
        for (const { what, day, success } of events) {
          const now = new Date(Date.UTC(2026, 1, day, 9, 30))
          const rest = what === 'finished' ? { success } : {}
          try {
            state = backup.record(state, what, `2026-02-${day}`, { now, ...rest })
          } catch (found) {
            const error = /** @type {any} */ (found)
            assert.equal(error.code, 'state.bad_event')
          }
        }
        const now = new Date(Date.UTC(2026, 1, 10) + after * hour)
        const due = backup.due(state, { now })
        if (due.due !== 'wait') return
        const until = Date.parse(due.wait.until)
        const between = new Date(now.getTime() + Math.floor(part * (until - now.getTime() - 1)))
        assert.deepEqual(said(backup, state, between), said(backup, state, now))
      },
    ),
  )
})
