// Plan, export, apply, verify and restore on a real PostgreSQL, by each driver alike.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { HousekeepError, Policy } from 'housekeep'

import { content, DRIVERS, execute, read, servers, withDatabase, withTables } from './databases.mjs'

const now = '2026-02-13T03:00:00Z'
const RUNS = 800
const POLICY = `
[table.run_logs]
children = [
    { table = "run_steps", key = "run_id" },
    { table = "file_changes", key = "run_id" },
]
outcome = { column = "status", ok = ["done"] }

[dedupe.runs]
table = "run_logs"
key = ["task_id", "commit_hash"]
time = "started_at"
window = "10m"
only = { status = ["done", "failed"] }

[retention.old_runs]
table = "run_logs"
time = "started_at"
match = { status = "failed" }
limit = { age = "30d" }
floor = { count = 20 }
`
const policy = Policy.parse(POLICY)

const folder = () => mkdtempSync(join(tmpdir(), 'housekeep-'))
const code = expected => error => error instanceof HousekeepError && error.code === expected
const byTable = counts => Object.fromEntries(counts.map(({ table, rows }) => [table, rows]))

/** Databases with the tables of a system. */
const tablesOf = system => (server, work) => withTables(system, server, RUNS, work)

/** A test over each driver on each server, in a database of its own. */
function over(title, work, within = tablesOf('elruso')) {
  for (const [n, server] of servers().entries()) {
    for (const [driver, make] of Object.entries(DRIVERS)) {
      test(`${title}: ${driver} on server ${n + 1}`, () =>
        within(server, async url => {
          const [database, end] = make(url)
          try {
            await work(database, url)
          } finally {
            await end()
          }
        }))
    }
  }
}

for (const rule of ['runs', 'old_runs']) {
  for (const parts of [{}, { batch: 7 }, { batch: 7, jobs: 3 }]) {
    over(
      `what ${rule} removes can be put back: ${JSON.stringify(parts)}`,
      async (database, url) => {
        const before = await content(url)
        const out = join(folder(), 'backup')
        const plan = await database.plan(policy, rule, { now })
        assert(plan.drop > 20)
        const exported = await database.export(policy, rule, { now, out, plan })
        const rows = byTable(exported.tables)
        assert.equal(rows['public.run_logs'], plan.drop)
        assert.equal(rows['public.run_steps'], 3 * plan.drop)

        const dry = await database.apply(policy, plan, { now, way: 'dryRun' })
        assert.equal(dry.outcome, 'dry_run')
        assert.deepEqual(byTable(dry.removed), rows)
        const rehearsed = await database.apply(policy, plan, { now, way: 'rehearse' })
        assert.equal(rehearsed.outcome, 'rehearsed')
        assert.deepEqual(await content(url), before)

        const options = { now, export: out, confirm: 'yes-delete' }
        const applied = await database.apply(policy, plan, { ...options, ...parts })
        assert.equal(applied.outcome, 'applied')
        assert.deepEqual(byTable(applied.removed), rows)
        assert.equal(applied.transactions.length === 1, parts.batch === undefined)
        assert.equal(JSON.parse(applied.toJson()).kind, 'applied')
        const left = new Set((await execute(url, 'SELECT id::text FROM run_logs')).flat())
        assert.equal(left.size, RUNS - plan.drop)
        assert(plan.dropIds.every(id => !left.has(id)))
        const verified = await database.verify(policy, rule, { now })
        assert.equal(verified.drops, 0)
        assert.deepEqual(verified.missingIndexes, [])
        assert(verified.orphans.every(count => count.rows === 0))

        const again = await database.apply(policy, plan, options)
        assert.equal(again.outcome, 'already_applied')
        const looked = await database.restore(out)
        assert(looked.isDry)
        const restored = await database.restore(out, { confirm: 'yes-restore' })
        const put = restored.tables.map(table => [table.table, table.restored])
        assert.deepEqual(Object.fromEntries(put), rows)
        assert.deepEqual(await content(url), before)
        // In however many transactions they went, they are kept as one.
        assert.equal(applied.manifest, 'manifest.json')
        const kept = await database.restore(join(out, 'apply-1'))
        const there = kept.tables.map(table => [table.table, table.identical])
        assert.deepEqual(Object.fromEntries(there), rows)
      },
    )
  }
}

over(
  'rows by tenant, some named by two columns',
  async (database, url) => {
    const files = ['policy.toml', 'webhooks.toml']
    const own = Policy.parse(files.map(file => read('facturapi', file)).join(''))
    const before = await content(url)
    for (const rule of ['sessions', 'notifications', 'audit', 'webhooks']) {
      const plan = await database.plan(own, rule, { now })
      assert(plan.drop > 20)
      const out = join(folder(), rule)
      await database.export(own, rule, { now, out, plan })
      const applied = await database.apply(own, plan, { now, export: out, confirm: 'yes-delete' })
      assert.equal(applied.outcome, 'applied')
      assert.equal(applied.removed.at(-1).rows, plan.drop)
      const after = await content(url)
      for (const table of ['tenants', 'tenant_invoices', 'tenant_payments']) {
        assert.deepEqual(after[table], before[table])
      }
      assert.equal((await database.verify(own, rule, { now })).drops, 0)
      await database.restore(out, { confirm: 'yes-restore' })
      assert.deepEqual(await content(url), before)
      if (rule === 'webhooks') assert.match(plan.dropIds[0], /^\["/)
    }
  },
  tablesOf('facturapi'),
)

over('nothing goes that is not exported or not confirmed', async (database, url) => {
  const before = await content(url)
  const plan = await database.plan(policy, 'runs', { now })
  const options = { now, export: join(folder(), 'backup'), confirm: 'yes-delete' }
  await assert.rejects(database.apply(policy, plan, { now }), /say where the export/)
  await assert.rejects(database.apply(policy, plan, options), code('apply.no_export'))
  await database.export(policy, 'runs', { now, out: options.export, last: 5 })
  await assert.rejects(database.apply(policy, plan, options), code('apply.no_export'))
  const whole = join(folder(), 'whole')
  await database.export(policy, 'runs', { now, out: whole })
  const unasked = { now, export: whole }
  await assert.rejects(database.apply(policy, plan, unasked), code('apply.not_confirmed'))
  const angry = {
    ...unasked,
    confirm: () => {
      throw new RangeError('nobody is here')
    },
  }
  await assert.rejects(database.apply(policy, plan, angry), RangeError)
  await execute(
    url,
    `INSERT INTO run_steps (run_id, position, name, started_at)
     VALUES ('${plan.dropIds[0]}', 9, 'late', now())`,
  )
  const stale = { ...options, export: whole }
  await assert.rejects(database.apply(policy, plan, stale), code('apply.no_export'))
  await execute(url, 'DELETE FROM run_steps WHERE position = 9')
  const after = await content(url)
  assert.deepEqual(after.run_logs, before.run_logs)
  assert.deepEqual(after.run_steps, before.run_steps)
})

over('a plan that no longer holds is refused', async (database, url) => {
  const plan = await database.plan(policy, 'runs', { now })
  const keeper = plan.drops[0]?.keeperId ?? [...plan.drops][0].keeperId
  await execute(url, `UPDATE run_logs SET started_at = started_at + '1 day' WHERE id = '${keeper}'`)
  const options = { now, export: join(folder(), 'backup'), confirm: 'yes-delete' }
  await database.export(policy, 'runs', { now, out: options.export, plan })
  await assert.rejects(database.apply(policy, plan, options), code('apply.rows_changed'))
  const applied = await database.apply(policy, plan, { ...options, skipChanged: true })
  assert(applied.changed > 0)
  assert.equal(applied.removed.at(-1).rows, plan.drop - applied.changed)
  const other = Policy.parse(POLICY.replace('10m', '11m'))
  await assert.rejects(database.apply(other, plan, options), code('apply.stale_plan'))
  const late = { ...options, now: '2026-02-14T03:00:01Z' }
  await assert.rejects(database.apply(policy, plan, late), code('apply.stale_plan'))
})

over('a lost connection is no half of an apply', async (database, url) => {
  const before = await content(url)
  const plan = await database.plan(policy, 'runs', { now })
  const out = join(folder(), 'backup')
  await database.export(policy, 'runs', { now, out, plan })
  const confirm = async () => {
    await execute(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    return 'yes-delete'
  }
  const applied = await database.apply(policy, plan, { now, export: out, confirm })
  assert.equal(applied.outcome, 'applied')
  await database.restore(out, { confirm: 'yes-restore' })
  assert.deepEqual(await content(url), before)
})

over(
  'what is no text is an error and nothing else',
  async (database, url) => {
    const rule = '[retention.items]\ntable = "items"\ntime = "at"\nlimit = { age = "30d" }\n'
    const own = Policy.parse(rule)
    await execute(
      url,
      `CREATE TABLE items (id text PRIMARY KEY, at timestamptz, note text);
       INSERT INTO items VALUES ('ñ€', '2025-01-01', '漢字'), ('b', '2025-01-01', 'b')`,
    )
    const plan = await database.plan(own, 'items', { now })
    assert.deepEqual([...plan.dropIds].sort(), ['b', 'ñ€'])
    const out = join(folder(), 'backup')
    await database.export(own, 'items', { now, out, plan })
    assert.match(readFileSync(join(out, 'items.json'), 'utf8'), /漢字/)
    await database.apply(own, plan, { now, export: out, confirm: 'yes-delete' })
    const restored = await database.restore(out, { confirm: 'yes-restore' })
    assert.equal(restored.tables[0].restored, 2)
    await execute(url, "UPDATE items SET note = E'\\xff' WHERE id = 'b'")
    const other = { now, out: join(folder(), 'other'), plan }
    await assert.rejects(database.export(own, 'items', other), error => {
      assert(error instanceof HousekeepError)
      assert.equal(error.code, 'apply.database')
      return true
    })
  },
  (server, use) => withDatabase(server, "ENCODING 'SQL_ASCII' TEMPLATE template0", use),
)

over('what cannot be is refused in a sentence', async (database, url) => {
  const plan = await database.plan(policy, 'runs', { now })
  await execute(url, 'CREATE TABLE "Run Notes" (id int PRIMARY KEY, run uuid REFERENCES run_logs)')
  await assert.rejects(database.apply(policy, plan, { now, way: 'dryRun' }), error => {
    assert(error instanceof HousekeepError)
    assert.equal(error.code, 'apply.undeclared_key')
    assert.match(error.message, /\{ table = "Run Notes", key = "run" \}/)
    return true
  })
  await execute(url, 'DROP TABLE "Run Notes"; DROP INDEX idx_run_steps_run_id')
  const dry = await database.apply(policy, plan, { now, way: 'dryRun' })
  assert(dry.warnings.some(warning => warning.includes('CREATE INDEX CONCURRENTLY')))
  const missing = Policy.parse(POLICY.replace('table = "run_logs"', 'table = "run_log"'))
  await assert.rejects(database.plan(missing, 'runs', { now }), code('apply.no_table'))
  const taken = folder()
  writeFileSync(join(taken, 'file'), '')
  await assert.rejects(database.export(policy, 'runs', { now, out: taken }), /something in/)
  await assert.rejects(database.apply(policy, plan, { now, wya: 'x' }), TypeError)
})
