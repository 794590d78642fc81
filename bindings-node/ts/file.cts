// Files: read as UTF-8, and replaced whole. What fails is Node's own error.

import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TextDecoder } from 'node:util'
import { threadId } from 'node:worker_threads'

/** The text of a file. */
export function readText(path: string | URL): string {
  const bytes = readFileSync(path)
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

/** Writes a file so that it is there whole or not at all: beside it first, then in its place. */
export function replace(path: string | URL, bytes: Uint8Array): void {
  const name = path instanceof URL ? fileURLToPath(path) : path
  const found = statSync(name, { throwIfNoEntry: false })
  // A device or a pipe cannot be replaced, only written to; nor can a folder, as Node then says.
  if (found && !found.isFile()) writeFileSync(name, bytes)
  // Through a link to what it names, so that the link stays.
  else beside(found ? realpathSync(name) : name, bytes, found)
}

function beside(path: string, bytes: Uint8Array, found: Stats | undefined): void {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${threadId}.tmp`)
  const file = openSync(temporary, 'wx')
  try {
    try {
      if (found) fchmodSync(file, found.mode)
      writeFileSync(file, bytes)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  sync(folder)
}

/** The new name is safe once its folder is. Not every system can be asked for that. */
function sync(folder: string): void {
  try {
    const opened = openSync(folder, constants.O_RDONLY)
    try {
      fsyncSync(opened)
    } finally {
      closeSync(opened)
    }
  } catch {
    // As safe as this system makes it.
  }
}
