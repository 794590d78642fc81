// Builds the native module with cargo, and puts it where the loader looks for it.
//
//   node scripts/build.mjs             for development and the tests, into the shared target folder
//   node scripts/build.mjs --release   optimised, and without what only the tests need

import { spawnSync } from 'node:child_process'
import { copyFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..')
const profile = process.argv.includes('--release') ? ['--release'] : ['--features', 'panic-test']
const args = ['build', '--package', 'housekeep-node', '--message-format', 'json-render-diagnostics']
const built = spawnSync('cargo', [...args, ...profile], {
  cwd: folder,
  encoding: 'utf8',
  maxBuffer: 1 << 28,
  stdio: ['ignore', 'pipe', 'inherit'],
})
if (built.error) throw built.error
if (built.status !== 0) process.exit(built.status ?? 1)

const messages = built.stdout.split('\n').filter(line => line.startsWith('{'))
const made = messages
  .map(line => JSON.parse(line))
  .find(({ reason, target }) => reason === 'compiler-artifact' && target.name === 'housekeep_node')
const library = made?.filenames.find(name => /\.(so|dylib|dll)$/.test(name))
if (!library) throw new Error('cargo made no library')

const addon = join(folder, 'housekeep.node')
// A process that has the old one open keeps it.
rmSync(addon, { force: true })
copyFileSync(library, addon)
createRequire(import.meta.url)(addon)
