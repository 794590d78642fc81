// The folder of an export: what is read from it, and what is written into it.

import { constants, existsSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Step } from '../native.cjs'

const BLOCK = 1 << 20

/** Where a folder is. */
export type Location = string | URL

function pathOf(given: Location): string {
  return given instanceof URL ? fileURLToPath(given) : given
}

/** Where a machine reads, and where it writes. @internal */
export class Folder {
  readonly #source: string
  readonly #target: string | undefined
  readonly #reading = new Map<string, FileHandle>()
  readonly #writing = new Map<string, FileHandle>()

  private constructor(source: string, target?: string) {
    this.#source = source
    this.#target = target === undefined ? undefined : normalize(target)
  }

  /** Of an export that is written: the folder must hold nothing yet. */
  static async forExport(given: Location): Promise<Folder> {
    const path = pathOf(given)
    await mkdir(path, { recursive: true })
    if ((await readdir(path)).length > 0) throw new Error(`there is something in ${path} already`)
    return new Folder(path, path)
  }

  /** Of an export that is read; what is removed is kept beside it, in a folder of its own. */
  static withRemovals(given: Location): Folder {
    const path = pathOf(given)
    let n = 1
    while (existsSync(join(path, `apply-${n}`))) n += 1
    return new Folder(path, join(path, `apply-${n}`))
  }

  /** Of an export that is read. */
  static readOnly(given: Location): Folder {
    return new Folder(pathOf(given))
  }

  /** The same, for another that reads and writes there too. */
  beside(): Folder {
    return new Folder(this.#source, this.#target)
  }

  /** Closes what was not read, or written, to its end. */
  async close(): Promise<void> {
    for (const file of [...this.#reading.values(), ...this.#writing.values()]) await file.close()
    this.#reading.clear()
    this.#writing.clear()
  }

  /** More of a file: at its end nothing, and then it begins again. */
  async read(name: string): Promise<Uint8Array> {
    let file = this.#reading.get(name)
    if (!file) {
      try {
        file = await open(join(this.#source, name), 'r')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array()
        throw error
      }
      this.#reading.set(name, file)
    }
    const { bytesRead, buffer } = await file.read({ buffer: new Uint8Array(BLOCK) })
    if (bytesRead === 0) {
      this.#reading.delete(name)
      await file.close()
    }
    return buffer.subarray(0, bytesRead)
  }

  /** Writes more of a file, which is not there before the first of it. */
  async write(step: Step): Promise<void> {
    if (this.#target === undefined) throw new Error(`${this.#source} is only read`)
    const path = join(this.#target, step.text)
    let file = this.#writing.get(step.text)
    if (!file) {
      await mkdir(dirname(path), { recursive: true })
      file = await open(path, 'wx')
      this.#writing.set(step.text, file)
    }
    if (step.data) await file.writeFile(step.data)
    if (!step.isWhole) return
    await file.sync()
    this.#writing.delete(step.text)
    await file.close()
    // The name is safe once its folder is, and that of each folder with the one above.
    for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
      await sync(folder)
      if (folder === dirname(this.#target)) return
    }
    await sync(dirname(this.#target))
  }
}

/** Not every system can be asked for that. */
async function sync(folder: string): Promise<void> {
  try {
    const opened = await open(folder, constants.O_RDONLY)
    try {
      await opened.sync()
    } finally {
      await opened.close()
    }
  } catch {
    // As safe as this system makes it.
  }
}
