// The example `saas` as others get it: a copy of the folder, beside the package as it is packed.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

import { begun, copyExample, done, installed, link, until } from './copies.mjs'
import { execute, read, servers, withTables } from './databases.mjs'
import { folder, home, installPacked, program } from './support.mjs'

const POLICY = readFileSync(join(home, 'examples', 'saas', 'policy.toml'), 'utf8')

test('a copy of the folder runs with a policy of its own', async () => {
  const place = folder()
  const own = copyExample(place, path => !path.startsWith('/examples/saas/generated'))
  await installPacked(place)
  link(place, { ...installed, '.bin': join(home, 'node_modules', '.bin') })
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true' }
  await program('npm', ['run', 'generate'], { cwd: own, env })

  const [, begin, sessions = '', rest] =
    /^(.*)(\[schedule\.sessions\].*?)(\n\n.*)$/s.exec(POLICY) ?? []
  const allDay = sessions.replace('"02:30"', '"00:00"').replace('for    = "30m"', 'until = "00:00"')
  const changed = `${begin}${allDay}${rest}`.replace('{ age = "7d" }', '{ age = "1h" }')
  assert.notEqual(changed, POLICY)
  writeFileSync(join(own, 'policy.toml'), changed)

  const misspelt = changed.replace('"vacuum_analyze"', '"vacum_analyze"')
  writeFileSync(join(own, 'misspelt.toml'), misspelt)

  await withTables('facturapi', servers()[0], 8, async url => {
    await execute(
      url,
      `TRUNCATE user_sessions;
       INSERT INTO user_sessions (tenant_id, legal_hold, telegram_id, state, updated_at)
         SELECT id, legal_hold, n, 'idle', now() - n * interval '25 minutes'
         FROM tenants, generate_series(1, 4) n`,
    )
    const start = args => {
      const child = spawn(process.execPath, ['main.mjs', ...args], { cwd: own, env })
      const ended = once(child, 'exit')
      const said = ['stdout', 'stderr'].map(name => text(child[name]))
      return { child, ended: async () => [(await ended)[0], ...(await Promise.all(said))] }
    }
    env.DATABASE_URL = url
    const service = start(['policy.toml', '--beat', '0.1'])
    test.after(() => service.child.kill('SIGKILL'))
    await begun(url)
    const isDone = async () => [...(await done(url)).keys()].some(slot => /^sessions/.test(slot))
    await until(isDone)
    service.child.kill('SIGTERM')
    const [status, said, errors] = await service.ended()
    assert.deepEqual([status, errors], [0, ''])
    assert.match(said, /sessions\/\S+: of 16 rows of user_sessions 6 may go\n/)
    const left = 'SELECT tenant_id, count(*)::int FROM user_sessions GROUP BY 1'
    const counts = Object.fromEntries(await execute(url, left))
    assert.deepEqual(counts, { acme: 2, 'cafe-luna': 2, norte: 4, sur: 2 })
    assert.equal(readdirSync(join(own, 'exports')).length, 1)

    for (const [args, sentence] of /** @type {[string[], RegExp][]} */ ([
      [['misspelt.toml'], /names tasks that are no jobs: vacum_analyze; jobs are temp_files, /],
      [[], /say which policy:\nnode main\.mjs policy\.toml\n/],
      [['policy.toml', '--beat', 'often'], /--beat is often, and not a number of seconds/],
      [['policy.toml', '--folder', 'nowhere'], /there is no folder nowhere/],
      [['nowhere.toml'], /no such file or directory, open 'nowhere\.toml'/],
    ])) {
      const [status, said, errors] = await start(args).ended()
      assert.deepEqual([status, said], [1, ''])
      assert.match(errors, sentence)
    }
    delete env.DATABASE_URL
    assert.match((await start(['policy.toml']).ended())[2], /^set DATABASE_URL to postgres:/)
  })
})

test('what it depends on and its tables are what is tested', () => {
  const json = (...path) => JSON.parse(readFileSync(join(home, ...path), 'utf8'))
  const { devDependencies, version } = json('package.json')
  const { dependencies } = json('examples', 'saas', 'package.json')
  for (const [name, wanted] of Object.entries(dependencies)) {
    assert.equal(wanted, name === 'housekeep' ? version : devDependencies[name])
  }
  const statements = sql => sql.replace(/^--.*/gm, '').trim().split(/;\s*/)
  const scenario = new Set(statements(read('facturapi', 'schema.sql')))
  const own = readFileSync(join(home, 'examples', 'saas', 'schema.sql'), 'utf8')
  for (const statement of statements(own)) assert(scenario.has(statement), statement)
})
