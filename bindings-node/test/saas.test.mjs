// The service of the example `saas`, on a real PostgreSQL. Each copy is a process, which is killed
// without a word. What is remembered is read from outside.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { Policy } from 'housekeep'
import pg from 'pg'

import {
  begun,
  Copies,
  copyExample,
  done,
  exported,
  installed,
  link,
  remembered,
  rows,
  run,
  until,
} from './copies.mjs'
import { content, execute, servers, withTables } from './databases.mjs'
import { folder, home } from './support.mjs'

const POLICY = readFileSync(join(home, 'examples', 'saas', 'policy.toml'), 'utf8')
/** The same without what is healthy: what the copies do is runs alone. */
const RUNS = POLICY.slice(0, POLICY.indexOf('[check.'))
const policy = Policy.parse(RUNS)
/** The afternoon of a Sunday. */
const BEGIN = '2026-03-29T18:00:00Z'
const DAY_MILLIS = 24 * 60 * 60 * 1000
/** Of one copy that runs alone, and as many where two do. */
const KILLS = 50

let example = ''
/** Receives alerts. */
const webhook = { status: 503, url: '', told: /** @type {any[]} */ ([]) }
const server = createServer(async (request, response) => {
  const alert = JSON.parse(await text(request))
  if (webhook.status === 200) webhook.told.push(alert)
  response.writeHead(webhook.status).end()
})

before(async () => {
  const place = folder()
  example = copyExample(place)
  link(place, { ...installed, housekeep: home })
  assert(existsSync(join(example, 'generated')), 'run `npm run prisma` first')
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  webhook.url = `http://127.0.0.1:${port}/alerts`
})
after(() => server.close())

/**
 * A test with copies of the service, and a database and a folder that they share.
 *
 * @param {string} title
 * @param {{ policy?: string, variables?: Record<string, string | undefined>, retry?: number }} options
 * @param {(copies: Copies, url: string) => Promise<void>} work
 */
function withCopies(title, { policy = RUNS, variables = {}, retry = 0.1 }, work) {
  test(title, () =>
    withTables('facturapi', servers()[0], 8, async url => {
      const usual = {
        DATABASE_URL: url,
        BACKUP_COMMAND: 'echo a backup',
        ALERT_WEBHOOK: webhook.url,
      }
      const copies = new Copies(folder(), example, policy, { ...usual, ...variables }, retry)
      try {
        await work(copies, url)
      } catch (error) {
        console.error(copies.log())
        throw error
      } finally {
        await copies.close()
      }
    }),
  )
}

/** The slots of all schedules that have opened in a time. */
function slots(from, to) {
  const names = policy.rules.filter(rule => rule.startsWith('schedule.'))
  const found = names.map(name => policy.schedule(name).slots({ from, to }).slots)
  return found.flat().map(({ slot }) => slot)
}

/** The morning of a day, when all of its runs may have started. The seventh is a first Sunday. */
const morning = (day, minutes = 30) =>
  new Date(+new Date('2026-03-29T09:00:00Z') + day * DAY_MILLIS + minutes * 60_000)

const ago = (date, hours) => new Date(date - hours * 60 * 60 * 1000)

/** Makes rows of each tenant and files that are over their age that day, and some that are not. */
async function grow(copies, url, day) {
  const at = `timestamptz '${morning(day).toISOString()}'`
  await execute(
    url,
    `INSERT INTO user_sessions (tenant_id, legal_hold, telegram_id, state, updated_at)
       SELECT id, legal_hold, ${1000 * day} + n, 'idle', ${at} - n * interval '4 days'
       FROM tenants, generate_series(1, 3) n;
     INSERT INTO notifications
       SELECT md5(id || n || ${day}), id, legal_hold, 'x', (ARRAY['sent', 'failed'])[n % 2 + 1],
         ${at} - n * interval '20 days'
       FROM tenants, generate_series(1, 4) n;
     INSERT INTO audit_logs
       SELECT md5(id || n || ${day})::uuid, id, legal_hold, 'x', NULL, ${at} - n * interval '40 days'
       FROM tenants, generate_series(1, 3) n`,
  )
  for (const hours of [1, 22, 25])
    copies.write(`temp/${day} ${hours}.pdf`, ago(morning(day), hours))
}

for (const names of [['a'], ['a', 'b']]) {
  const title = `killed at any moment no run is lost, and none that is done begins again: ${names}`
  withCopies(title, {}, async (copies, url) => {
    // F1, F2, F3, F4, F10, F11
    const { tenant_invoices, tenant_payments } = await content(url)
    const all = await rows(url)
    // The day before a first Sunday.
    const begin = morning(6, 300)
    let day = 6
    const open = async () => {
      day += 1
      await grow(copies, url, day)
      for (const [id, tenant] of await rows(url)) all.set(id, tenant)
      copies.setClock(morning(day, 60 * Math.random()))
    }
    const startAll = async () => {
      for (const name of names) if (!copies.running.has(name)) await copies.start(name)
    }
    /** What was ever remembered as done: it stays as it is, until it may be forgotten. */
    const known = new Map()
    let isRunning = false
    const areDone = async () => {
      const now = await remembered(url)
      for (const [slot, run] of known) {
        const { keepUntil } = policy.schedule(slot.split('/')[0]).keepUntil(slot)
        if (now.has(slot) || keepUntil > copies.now().toISOString())
          assert.equal(now.get(slot), run)
      }
      for (const [slot, run] of now) if (JSON.parse(run).state === 'done') known.set(slot, run)
      isRunning = [...now.values()].some(run => JSON.parse(run).state === 'running')
      return known.size === slots(begin, morning(day)).length
    }
    copies.setClock(begin)
    await startAll()
    await begun(url)
    // A Sunday and a Monday that are left in peace, to know how long their runs take.
    const took = [0, 0]
    for (const n of took.keys()) {
      await Promise.all(names.map(name => copies.kill(name)))
      await open()
      const start = Date.now()
      await startAll()
      await until(areDone)
      took[n] = Date.now() - start
    }
    let interrupted = 0
    for (let kill = 0, isDone = true; kill < KILLS; kill += 1) {
      // A day's runs are made up for until the next day's: that one comes when they are done.
      if (isDone) await open()
      await startAll()
      await sleep(1.2 * Math.random() * (took[day % 7 && 1] ?? 0))
      await copies.kill(names[Math.floor(Math.random() * names.length)])
      isDone = await areDone()
      interrupted += Number(isRunning)
    }
    assert(interrupted > KILLS / 10, `${interrupted} of ${KILLS} kills interrupted a run`)
    assert(day > 15, `${day - 6} days`)

    await startAll()
    await until(areDone)
    assert.deepEqual([...known.keys()].sort(), slots(begin, morning(day)).sort())
    // Nothing starts twice under one claim, and what is done is never started afterwards.
    for (const [claim, count] of Object.entries(copies.claims('started'))) {
      const [, slot, number] = /(.*)\/(.*)/.exec(claim) ?? []
      assert.equal(count, 1)
      assert(Number(number) <= JSON.parse(known.get(slot)).tries)
    }
    // What went is of no tenant on hold, and has been exported.
    const left = await rows(url)
    const backups = exported(copies)
    const gone = [...all].filter(([id]) => !left.has(id))
    assert(gone.length > 3 * (day - 6))
    for (const [id, tenant] of gone) assert(tenant !== 'norte' && backups.has(id), id)
    const overAge = `SELECT FROM user_sessions
      WHERE NOT legal_hold AND updated_at < timestamptz '${morning(day).toISOString()}' - interval '8 days'`
    assert.deepEqual(await execute(url, overAge), [])
    const after = await content(url)
    assert.deepEqual(after.tenant_invoices, tenant_invoices)
    assert.deepEqual(after.tenant_payments, tenant_payments)
    const temp = readdirSync(join(copies.folder, 'temp'))
    assert.deepEqual(temp.sort(), [`${day} 1.pdf`, `${day} 22.pdf`])
    // No backup is there in part.
    for (const name of readdirSync(join(copies.folder, 'backups'))) assert.match(name, /\.dump$/)
  })
}

withCopies(
  'a run that was killed after its last task is done without another',
  {},
  async (copies, url) => {
    copies.setClock(BEGIN)
    await copies.start('a')
    await begun(url)
    await copies.kill('a')
    const slot = 'weekly/2026-04-05'
    const tasks = Object.fromEntries(policy.schedule('weekly').tasks.map(name => [name, true]))
    const left = { state: 'running', tries: 1, started_at: '2026-04-05T08:00:00Z', tasks }
    const insert = `INSERT INTO maintenance.runs
      VALUES ('weekly', '${slot}', '${JSON.stringify(left)}', '2026-06-01T00:00:00Z')`
    await execute(url, insert)
    copies.setClock(morning(7))
    await copies.start('a')
    await until(async () => (await run(url, slot)).state === 'done')
    assert.equal((await run(url, slot)).tries, 2)
    assert.doesNotMatch(copies.log(), /weekly\/2026-04-05\/2: of/)
  },
)

const ANNOUNCED = RUNS.replace('at     = "02:30"', 'at     = "02:30"\nnotice = "1h"')
withCopies('two copies at once do each run once', { policy: ANNOUNCED }, async (copies, url) => {
  // F6
  copies.setClock(BEGIN)
  await copies.start('a')
  await copies.start('b')
  await begun(url)
  copies.setClock('2026-03-30T07:45:00Z')
  await until(async () => (await run(url, 'sessions/2026-03-30')).state === 'announced')
  // The last of them is the first Sunday of a month.
  for (let day = 1; day <= 7; day += 1) {
    await grow(copies, url, day)
    copies.setClock(morning(day))
    await until(async () => (await done(url)).size === slots(BEGIN, morning(day)).length)
  }
  const claims = Object.fromEntries(slots(BEGIN, morning(7)).map(slot => [`${slot}/1`, 1]))
  assert.deepEqual(copies.claims('started'), claims)
  assert.deepEqual(copies.claims('done'), claims)
  assert(!copies.log().includes('error'))
})

/** Copies of which one is in the middle of a run, and waits for a table; another stands by. */
function inTheMiddle(title, work) {
  withCopies(title, { retry: 300 }, async (copies, url) => {
    copies.setClock(BEGIN)
    await copies.start('a')
    await begun(url)
    await copies.start('b')
    const blocking = new pg.Client(url)
    await blocking.connect()
    try {
      await blocking.query('BEGIN; LOCK TABLE user_sessions')
      copies.setClock(morning(1))
      const slot = 'sessions/2026-03-30'
      await until(async () => (await run(url, slot)).state === 'running')
      // The others are done: what follows is of this run alone.
      await until(async () => (await done(url)).size === 2)
      await work(copies, url, slot, () => blocking.query('COMMIT'))
      await until(async () => (await run(url, slot)).state === 'done', 20)
      assert.equal((await run(url, slot)).tries, 2)
      assert.deepEqual(copies.claims('started')[`${slot}/2`], 1)
    } finally {
      await blocking.end()
    }
  })
}

inTheMiddle(
  'told to end, a copy leaves its run to others at once',
  async (copies, _url, slot, free) => {
    assert.equal(await copies.stop('a'), 0)
    assert.match(copies.log(), /sessions\S+: abandoned\n.*it ends/)
    await until(() => copies.claims('started')[`${slot}/2`], 5)
    await free()
  },
)

inTheMiddle(
  'a copy that loses its lock leaves its run to others',
  async (copies, url, slot, free) => {
    const [[ended]] = await execute(
      url,
      `SELECT count(pg_terminate_backend(pid))::int FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND objid = hashtext('schedule sessions')::bigint & 4294967295`,
    )
    assert.equal(ended, 1)
    await until(() => copies.claims('started')[`${slot}/2`], 5)
    // What it was at is still waiting, and ends without being remembered.
    await free()
    await until(() => copies.log().includes('schedule sessions: it will be tried again'))
    assert.equal(copies.claims('done')[`${slot}/1`], undefined)
  },
)

withCopies(
  'what fails is tried again, given up and told; a full disk loses its temporary files at once',
  {
    // Any disk is that full.
    policy: POLICY.replace('"> 85%"', '"> 0%"').replace('"< 80%"', '"< 0%"'),
    variables: { BACKUP_COMMAND: undefined },
  },
  async (copies, url) => {
    // F8, F9
    copies.setClock(BEGIN)
    for (const hours of [-1, 1, 25]) copies.write(`temp/${hours}.pdf`, ago(copies.now(), hours))
    copies.write('elsewhere/25.pdf', ago(copies.now(), 25))
    const temp = join(copies.folder, 'temp')
    symlinkSync('../elsewhere/25.pdf', join(temp, 'link.pdf'))
    await copies.start('a')
    // What is from the future is for nobody to judge, and where a link leads is none of its business.
    await until(() => readdirSync(temp).join() === '-1.pdf,link.pdf')
    assert(existsSync(join(copies.folder, 'elsewhere', '25.pdf')))
    await begun(url)
    copies.setClock(morning(1))
    const slot = 'backup/2026-03-30'
    await until(async () => (await run(url, slot)).tries === 5)
    await until(async () => (await run(url, slot)).state === 'failed')
    assert.equal(copies.log().match(/backup failed: Error: set BACKUP_COMMAND/g)?.length, 5)

    await until(() => copies.log().includes('the webhook answers with 503'))
    webhook.status = 200
    const alert = await until(() => webhook.told.find(({ check }) => check === 'gave_up'))
    assert.equal(alert.instance, 'backup')
    assert.equal(alert.to, 'crit')
    await until(async () => (await execute(url, 'SELECT FROM maintenance.alerts')).length === 0)
    // Each came once, in its order, though it was sent more often.
    const times = webhook.told.map(({ at }) => at)
    assert.deepEqual(times, [...times].sort())
    assert.equal(new Set(webhook.told.map(({ id }) => id)).size, webhook.told.length)
    assert.equal(webhook.told[0].action, 'free-disk')
    assert.equal((await run(url, slot)).tries, 5)
  },
)

const IDLE = `
[schedule.idle]
days  = "daily"
at    = "00:00"
until = "00:00"
tz    = "UTC"
`
withCopies('connections that are idle are ended', { policy: RUNS + IDLE }, async (copies, url) => {
  const connections = [url, servers()[0] ?? ''].map(own => new pg.Client(own))
  const [idle, elsewhere] = connections
  try {
    for (const client of connections) await client.connect()
    const ended = new Promise(resolve => idle?.on('error', resolve))
    copies.setClock(Date.now() + 2 * 60 * 60 * 1000)
    await copies.start('a')
    assert.match((await ended).message, /terminat/)
    await until(() => /idle\S+: done/.exec(copies.log()))
    await elsewhere?.query('SELECT 1')
    // The service does not end its own, which are as idle by this clock.
    assert.match(copies.log(), /idle\S+: of \d+ connections 1 may go, and 1 went/)
    assert(!copies.log().includes('error'))
  } finally {
    await Promise.all(connections.map(client => client.end().catch(() => {})))
  }
})
