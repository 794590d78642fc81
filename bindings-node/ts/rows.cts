// Rows in every form they come in, fed to the native module chunk by chunk.

import { types } from 'node:util'

import { described, text } from './check.cjs'
import { type Ask, native, type RowsHandle } from './native.cjs'
import { Pack } from './pack.cjs'
import type { InstantLike } from './time.cjs'

/**
 * A value of a row. Numbers are whole; a `bigint` has at most 64 bits. A list of text is one where a
 * condition asks what it holds.
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | InstantLike
  | readonly string[]

/** The values of one column. */
export type Column =
  | readonly Value[]
  | BigInt64Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array

/** Columns by their names, each with a value for every row. */
export interface Columns {
  readonly [name: string]: Column
}

/** What bytes or text of rows are written in; `arrow` is Arrow IPC, a stream or a file. */
export type Format = 'json' | 'ndjson' | 'csv' | 'arrow'

/**
 * Rows: objects, of which an array or any other iterable; columns; or bytes or text in a format.
 *
 * A field that an object does not have, or has as `undefined`, is missing, which is not null.
 */
export type Rows = Iterable<object> | Columns | Uint8Array | string

/** Feeds rows to the native module, pausing after each chunk. @internal */
export type Feed = Generator<void, RowsHandle, void>

const INTEGERS = 1 << 16

/** Chooses by the form the rows are in. @internal */
export function feed(ask: Ask, rows: unknown, format: string | undefined): Feed {
  if (typeof rows === 'string') return bytes(Buffer.from(text(rows, 'the text of rows')), format)
  if (types.isUint8Array(rows)) return bytes(unshared(rows), format)
  if (format !== undefined) throw new TypeError('a format is for rows as bytes or text')
  if (typeof rows !== 'object' || rows === null) {
    throw new TypeError(`rows are ${described(rows)}, and objects, columns or bytes were expected`)
  }
  if (Symbol.iterator in rows) return records(ask, rows as Iterable<unknown>)
  if (Symbol.asyncIterator in rows || types.isPromise(rows)) {
    throw new TypeError('rows are still to come: await them first')
  }
  return columns(ask, rows as Readonly<Record<string, unknown>>)
}

// biome-ignore lint/correctness/useYield: bytes cross at once
function* bytes(rows: Uint8Array, format: string | undefined): Feed {
  return native.rowsOfBytes(rows, format)
}

function* records(ask: Ask, rows: Iterable<unknown>): Feed {
  const names = ask.columns()
  const taken = native.rowsOfRecords(ask)
  const pack = new Pack(names.length)
  const push = () => pack.flush((...values) => taken.pushRecords(...values))
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      push()
      pack.put(row)
      pack.flush((...found) => taken.refuse(...found))
    }
    for (const name of names) pack.put((row as Record<string, unknown>)[name])
    if (pack.isFull) {
      push()
      yield
    }
  }
  push()
  return taken
}

function* columns(ask: Ask, rows: Readonly<Record<string, unknown>>): Feed {
  const names = Object.keys(rows).filter(name => rows[name] !== undefined)
  const taken = native.rowsOfColumns(ask, names)
  for (const [place, name] of ask.columns().entries()) {
    const column = rows[name]
    if (types.isBigInt64Array(column)) {
      for (let from = 0; from < column.length; from += INTEGERS) {
        taken.pushIntegers(place, unshared(column.subarray(from, from + INTEGERS)))
        yield
      }
    } else if (types.isFloat64Array(column)) {
      for (let from = 0; from < column.length; from += INTEGERS) {
        taken.pushNumbers(place, unshared(column.subarray(from, from + INTEGERS)))
        yield
      }
    } else if (column !== undefined) {
      // The native module has refused one that has to be there.
      yield* values(taken, place, arrayLike(column, name))
    }
  }
  return taken
}

function* values(taken: RowsHandle, place: number, column: ArrayLike<unknown>) {
  const pack = new Pack(1)
  const push = () => pack.flush((...values) => taken.pushValues(place, ...values))
  for (let row = 0; row < column.length; row++) {
    pack.put(column[row])
    if (pack.isFull) {
      push()
      yield
    }
  }
  push()
}

/** Memory that another thread may write to is copied by JavaScript, which knows how to. @internal */
export function unshared<T extends Uint8Array | BigInt64Array | Float64Array>(array: T): T {
  return types.isSharedArrayBuffer(array.buffer) ? (array.slice() as T) : array
}

function arrayLike(column: unknown, name: string): ArrayLike<unknown> {
  if (Array.isArray(column)) return column
  if (ArrayBuffer.isView(column) && !(column instanceof DataView)) {
    return column as unknown as ArrayLike<unknown>
  }
  throw new TypeError(`column \`${name}\` is ${described(column)}, and not an array of values`)
}

/** All rows, at once. @internal */
export function now(feed: Feed): RowsHandle {
  for (;;) {
    const step = feed.next()
    if (step.done) return step.value
  }
}

/** All rows, letting timers and other work run between the chunks. @internal */
export async function later(feed: Feed, signal: AbortSignal | undefined): Promise<RowsHandle> {
  try {
    for (;;) {
      const step = feed.next()
      if (step.done) return step.value
      await new Promise(resume => setImmediate(resume))
      signal?.throwIfAborted()
    }
  } finally {
    // An iterable of the caller's is told that nobody reads on.
    feed.return(undefined as never)
  }
}
