// The package as others get it: packed, installed without a network, and compiled against.

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { publint } from 'publint'
import { folder, home, installPacked, internal, program } from './support.mjs'

const node = (args, cwd) => program(process.execPath, args, { cwd })
const bin = name => join(home, 'node_modules', '.bin', name)

let tarball = ''
let installed = ''

before(async () => {
  installed = folder()
  tarball = await installPacked(installed)
})

test('it needs nothing else, and is found by require and import', async () => {
  const { dependencies, version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  assert.equal(dependencies, undefined)
  const lock = JSON.parse(readFileSync(join(installed, 'package-lock.json'), 'utf8'))
  assert.deepEqual(Object.keys(lock.packages), ['', 'node_modules/housekeep'])
  assert.equal(lock.packages['node_modules/housekeep'].version, version)
  const asked = '.Policy.parse(\'[dedupe.a]\\nkey=["k"]\\ntime="t"\\nwindow="1m"\').rules[0]'
  const required = await node(['-p', `require('housekeep')${asked}`], installed)
  assert.equal(required.stdout, 'dedupe.a\n')
  const script = `import * as all from 'housekeep'; console.log(all${asked}, Object.keys(all).join())`
  const imported = await node(['--input-type=module', '--eval', script], installed)
  const names =
    'Fleet,HealthReport,HealthState,HousekeepError,Plan,Policy,Schedule,ScheduleState,Screening'
  assert.equal(imported.stdout, `dedupe.a ${names}\n`)
})

for (const kind of ['esm', 'cjs']) {
  test(`a strict project compiles against it and runs, as ${kind}`, async () => {
    const consumer = join(installed, kind)
    cpSync(join(home, 'test', `consumer-${kind}`), consumer, { recursive: true })
    mkdirSync(join(consumer, 'node_modules', '@types'), { recursive: true })
    for (const types of ['@types/node', 'undici-types']) {
      symlinkSync(join(home, 'node_modules', types), join(consumer, 'node_modules', types))
    }
    const compiled = await node([bin('tsc'), '--project', '.'], consumer).catch(error => error)
    assert.equal(compiled.stdout, '')
    assert.equal((await node(['out/index.js'], consumer)).stdout, 'fine\n')
  })
}

test('publint and attw have nothing to say', async () => {
  const bytes = readFileSync(tarball)
  const packed = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  const { messages } = await publint({ pack: { tarball: packed }, strict: true })
  assert.deepEqual(messages, [])
  // Node 10 knows no `exports`, and so no drivers; the package needs Node 20.
  const asked = [bin('attw'), tarball, '--no-emoji', '--profile', 'node16', '--format', 'ascii']
  // It fails where there is a problem.
  const { stdout } = await node(asked, home)
  assert.equal(stdout.match(/bundler: OK/g)?.length, 4)
})

test('without its native module it names the package that has it', async () => {
  const bare = folder()
  cpSync(join(home, 'dist'), join(bare, 'dist'), { recursive: true })
  const load = "try { require('./dist/index.cjs') } catch (error) { console.log(error.message) }"
  const absent = await node(['--eval', load], bare)
  const { platform, arch } = process
  assert.match(absent.stdout, new RegExp(`no native module for ${platform} on ${arch}`))
  assert.match(absent.stdout, new RegExp(`install the package \`housekeep-${platform}-${arch}`))
  assert.match(absent.stdout, /npm run build/)
  // One that is there, and is none, is what the error speaks of.
  writeFileSync(join(bare, 'housekeep.node'), 'not a module')
  const broken = await node(['--eval', load], bare)
  assert.match(broken.stdout, /it says: .*housekeep\.node/)
  // A package for the platform is as good as a file.
  const own = platform === 'linux' ? `${platform}-${arch}-gnu` : `${platform}-${arch}`
  const other = folder()
  cpSync(join(home, 'dist'), join(other, 'dist'), { recursive: true })
  const packaged = join(other, 'node_modules', `housekeep-${own}`)
  mkdirSync(packaged, { recursive: true })
  cpSync(join(home, 'housekeep.node'), join(packaged, 'housekeep.node'))
  writeFileSync(join(packaged, 'package.json'), '{ "main": "housekeep.node" }')
  const found = await node(['-p', "typeof require('./dist/index.cjs').Policy"], other)
  assert.equal(found.stdout, 'function\n')
})

test('the version is that of all packages', () => {
  const cargo = readFileSync(join(home, '..', 'Cargo.toml'), 'utf8')
  const version = cargo.split('[workspace.package]')[1]?.match(/^version = "(.*)"$/m)?.[1]
  assert.equal(internal('../package.json').version, version)
  assert.equal(internal('../package-lock.json').version, version)
  assert.equal(readFileSync(join(home, 'package-lock.json'), 'utf8').includes('"resolved"'), false)
})

test('the example finds three drops', async () => {
  const { stdout } = await node(['examples/plan.mjs'], home)
  const [first, ...drops] = stdout.trim().split('\n')
  assert.equal(first, '42 rows: 39 stay, 3 go (3 drops, applied above 10)')
  assert.equal(drops.length, 3)
  assert.ok(drops.every(line => /^- `[0-9a-f-]{36}` is dropped: /.test(line)))
})

test('the README says what happens', async () => {
  const readme = readFileSync(join(home, 'README.md'), 'utf8')
  const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, example = '']) => example)
  assert.equal(examples.length, 5)
  for (const example of examples) {
    const { stdout } = await node(['--input-type=module', '--eval', example], home)
    const said = [...example.matchAll(/(?:^|\s)\/\/ (.*)$/gm)].map(found => found[1])
    assert.deepEqual(stdout.trim().split('\n'), said)
  }
})
