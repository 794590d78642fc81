// Files that a rule of the policy is about: which there are, and the removal of those that go.

import { lstat, readdir, realpath, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * @import { Policy } from 'housekeep'
 * @import { BigIntStats } from 'node:fs'
 * @import { Work } from './jobs.mjs'
 */

/** @param {NodeJS.ErrnoException} error what is not there is no error: somebody was quicker */
function absent(error) {
  if (error.code !== 'ENOENT') throw error
}

/** @param {string} path */
const look = path => lstat(path, { bigint: true }).catch(absent)

/**
 * What the pattern of a rule finds in its folder: files, or folders if these are asked for. No link
 * is followed, neither one that lies there nor one on the way to it.
 *
 * @param {Policy} policy
 * @param {string} rule
 * @param {string} home
 * @param {'isFile' | 'isDirectory'} kind
 */
export async function find(policy, rule, home, kind = 'isFile') {
  const { files } = policy.plan(rule, [], { now: new Date(0) })
  if (!files || dirname(files).includes('*')) {
    throw new Error(`\`${rule}\` has to be about the files of one folder, such as \`temp/*\``)
  }
  const folder = join(home, dirname(files))
  /** @type {Map<string, BigIntStats>} */
  const found = new Map()
  const target = (await realpath(folder).catch(absent)) ?? folder
  if (target !== folder) throw new Error(`${folder} is ${target}: links are not followed`)
  const parts = basename(files)
    .split('*')
    .map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  const pattern = new RegExp(`^${parts.join('.*')}$`, 's')
  for (const name of (await readdir(folder).catch(absent)) ?? []) {
    const about = pattern.test(name) ? await look(join(folder, name)) : undefined
    if (about?.[kind]()) found.set(name, about)
  }
  const rows = [...found].map(([name, { mtime, size }]) => ({ name, mtime, size }))
  return { folder, found, rows }
}

/**
 * Removes the files that a rule says, if they still are what they were when they were planned.
 *
 * @param {Work} work
 * @param {string} rule
 * @param {'isFile' | 'isDirectory'} kind
 */
export async function removeFiles(work, rule, kind = 'isFile') {
  const { policy, home, claim, now, log, signal } = work
  const { folder, found, rows } = await find(policy, rule, home, kind)
  const plan = policy.plan(rule, rows, { now })
  const failed = []
  let gone = 0
  for (const name of plan.dropIds) {
    signal.throwIfAborted()
    const path = join(folder, name)
    try {
      const [then, about] = [found.get(name), await look(path)]
      if (about?.mtimeNs !== then?.mtimeNs || about?.size !== then?.size) continue
      await rm(path, { recursive: kind === 'isDirectory' })
      gone += 1
    } catch (error) {
      if (error.code !== 'ENOENT') failed.push(error.message)
    }
  }
  log.info(`${claim}: of ${plan.total} in ${folder} ${plan.drop} may go, and ${gone} went`)
  if (failed.length > 0) throw new Error(`${failed.length} of ${folder} stay: ${failed[0]}`)
}
