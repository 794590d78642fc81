// Metrics on their way to the native module: their parts one behind the other, so that all cross at
// once, and however deep they are. What they mean is core's to say.

import { types } from 'node:util'

import { described, text } from './check.cjs'
import { unshared } from './rows.cjs'
import { moment, type Time } from './time.cjs'

/**
 * What was measured: a number, true or false, an instant, or null where there is nothing. NaN is
 * missing; a `bigint` is an instant in microseconds since 1970, and other texts than of an instant
 * are no reading of any check.
 */
export type Measurement = number | boolean | Time | null | undefined

/** Measurements by name: nested, with dots in the name, or one for each instance. */
export interface Metrics {
  readonly [name: string]: Metric
}

/** A measurement, one with its time, samples with theirs, or several measurements by name. */
export type Metric =
  | Measurement
  | { readonly value: Measurement; readonly at?: Time | null }
  | readonly (readonly [at: Time, value: number | boolean | string])[]
  | Metrics

/** Metrics as objects, or as JSON in a text or in bytes. */
export type Snapshot = Metrics | string | Uint8Array

/** One part, as `src/health.rs` reads it. */
type Part =
  | null
  | boolean
  | number
  | string
  | { readonly list: number }
  | { readonly object: number }
  | { readonly micros: string }
  | { readonly wrong: readonly [message: string, help: string] }

/** How deep metrics may go here: those that hold themselves have no end. Core allows less. */
const DEEPEST = 128

/** Parts as text, or JSON as bytes. @internal */
export function metrics(snapshot: unknown): string | Uint8Array {
  if (typeof snapshot === 'string') return Buffer.from(text(snapshot, 'the text of metrics'))
  if (types.isUint8Array(snapshot)) return unshared(snapshot)
  const parts: Part[] = []
  const isWhole = put(parts, snapshot, DEEPEST)
  return JSON.stringify(isWhole ? parts : [wrong('the metrics are nested too deep', SELF)])
}

const SELF = 'see that they do not hold themselves'
const KNOWN = 'give a number, true or false, null, or a Date'
const HALF = 'give text of whole characters'

function wrong(message: string, help: string): Part {
  return { wrong: [message, help] }
}

/** Adds the parts of a value; false if they have no end. */
function put(parts: Part[], value: unknown, depth: number): boolean {
  if (depth === 0) return false
  switch (typeof value) {
    case 'number':
      // JSON has no others, and these words are what core reads them by.
      parts.push(Number.isFinite(value) ? value : String(value))
      return true
    case 'boolean':
      parts.push(value)
      return true
    case 'string':
      parts.push(value.isWellFormed() ? value : wrong('a text has half a character', HALF))
      return true
    case 'undefined':
      parts.push(null)
      return true
    case 'object':
    case 'bigint':
      return value === null ? parts.push(null) > 0 : composed(parts, value, depth - 1)
    default:
      parts.push(wrong(`a metric cannot be ${described(value)}`, KNOWN))
      return true
  }
}

function composed(parts: Part[], value: object | bigint, depth: number): boolean {
  const at = moment(value)
  if (at !== undefined) {
    parts.push(instant(at))
    return true
  }
  if (Array.isArray(value)) {
    parts.push({ list: value.length })
    return Array.from(value).every(item => put(parts, item, depth))
  }
  if (!isPlain(value)) {
    parts.push(wrong(`a metric cannot be ${named(value)}`, KNOWN))
    return true
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  parts.push({ object: entries.length })
  return entries.every(([name, inner]) => {
    if (name.isWellFormed()) {
      parts.push(name)
      return put(parts, inner, depth)
    }
    parts.push(name.toWellFormed(), wrong('the name of a metric has half a character', HALF))
    return true
  })
}

function instant(micros: bigint | null): Part {
  if (micros === null) return wrong('a Date is no time', KNOWN)
  return BigInt.asIntN(64, micros) === micros
    ? { micros: String(micros) }
    : wrong('a bigint has more than 64 bits', 'give microseconds since 1970')
}

/** Whether what it holds are its properties: a Map or bytes have none, and would be read as empty. */
function isPlain(value: object | bigint): value is object {
  return Object.prototype.toString.call(value) === '[object Object]'
}

function named(value: object | bigint): string {
  return `of type \`${Object.prototype.toString.call(value).slice(8, -1)}\``
}
