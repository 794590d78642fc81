// Times as JavaScript has them.

import { types } from 'node:util'

import { described, text } from './check.cjs'

/** `Temporal.Instant`, or what has its nanoseconds. */
export interface InstantLike {
  readonly epochNanoseconds: bigint
}

/** A point in time: a `Date`, RFC 3339 text, microseconds since 1970, or a `Temporal.Instant`. */
export type Time = Date | string | bigint | InstantLike

/** Whether it is a `Date`, of this realm or another. @internal */
export function isDate(value: unknown): value is Date {
  return value instanceof Date || types.isDate(value)
}

/** Whether it is a `Temporal.Instant`, of whatever implementation. @internal */
export function isInstant(value: object): value is InstantLike {
  return typeof (value as Partial<InstantLike>).epochNanoseconds === 'bigint'
}

/** Whole microseconds since 1970; what is finer is cut, towards the past. @internal */
export function micros({ epochNanoseconds }: InstantLike): bigint {
  const cut = epochNanoseconds / 1000n
  return cut * 1000n > epochNanoseconds ? cut - 1n : cut
}

/**
 * Whole microseconds since 1970, of what is a point in time but for text; null for a `Date` that is
 * none, and nothing for anything else. @internal
 */
export function moment(value: unknown): bigint | null | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value !== 'object' || value === null) return undefined
  if (isDate(value)) {
    const millis = value.getTime()
    return Number.isNaN(millis) ? null : BigInt(millis) * 1000n
  }
  return isInstant(value) ? micros(value) : undefined
}

/** A time such as `now`, as microseconds or as text, which core reads. @internal */
export function time(given: unknown, name = 'now'): bigint | string {
  if (typeof given === 'string') return text(given, `\`${name}\``)
  const found = moment(given)
  if (found === null) throw new TypeError(`\`${name}\` is a Date that is no time`)
  if (found === undefined) {
    const hint =
      'give a Date, RFC 3339 text, a bigint of microseconds since 1970 or a Temporal.Instant'
    throw new TypeError(`\`${name}\` is ${described(given)}; ${hint}`)
  }
  if (BigInt.asIntN(64, found) !== found) {
    throw new TypeError(`\`${name}\` has more than 64 bits`)
  }
  return found
}
