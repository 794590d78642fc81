// Which thresholds are met, of one snapshot or of many, with nothing remembered.

import { inspect } from 'node:util'

import { described } from './check.cjs'
import { calling } from './error.cjs'
import type { Status, Word } from './health.cjs'
import { metrics } from './metrics.cjs'
import {
  type FleetHandle,
  type FleetHead,
  native,
  type PolicyHandle,
  type ScreenNames,
} from './native.cjs'
import { isDate } from './time.cjs'

/** The statuses by their numbers. */
const STATUSES: readonly Status[] = ['ok', 'warn', 'unknown', 'crit']
const WORDS: Readonly<Record<Status, Word>> = {
  ok: 'healthy',
  warn: 'degraded',
  unknown: 'unknown',
  crit: 'unhealthy',
}

/** Statuses by the names of checks, or of groups. */
export type Statuses = Readonly<Record<string, Status>>

/** How many have each status. */
export interface StatusCounts {
  readonly ok: number
  readonly warn: number
  readonly unknown: number
  readonly crit: number
}

/** A row that is not ok, and what is not ok about it. */
export interface FleetRow {
  /** Its number, from 0 on. */
  readonly row: number
  /** Its id; null if it has none. */
  readonly id: string | null
  readonly status: Exclude<Status, 'ok'>
  /** Its checks that are not ok. */
  readonly checks: Statuses
  /** Its groups that are not ok. */
  readonly groups: Statuses
}

/** Which thresholds one snapshot meets. */
export class Screening {
  readonly #names: ScreenNames
  /** A digit for the whole, then for every check, then for every group. */
  readonly #codes: string

  private constructor(names: ScreenNames, codes: string) {
    this.#names = names
    this.#codes = codes
  }

  /** @internal */
  static of(names: ScreenNames, codes: string): Screening {
    return new Screening(names, codes)
  }

  /** How the whole is. */
  get status(): Status {
    return status(this.#codes, 0)
  }

  /** The one word for the whole. */
  get word(): Word {
    return WORDS[this.status]
  }

  /** How what is critical is, by the groups that say so; null if none does. */
  get critical(): Status | null {
    const { checks, critical } = this.#names
    let worst = -1
    for (const [n, isCritical] of critical.entries()) {
      if (isCritical) worst = Math.max(worst, Number(this.#codes[1 + checks.length + n]))
    }
    return STATUSES[worst] ?? null
  }

  /** The status of every check, by the names in order. */
  get checks(): Statuses {
    return this.#statuses(this.#names.checks, 1, false)
  }

  /** The status of every group, by the names in order. */
  get groups(): Statuses {
    return this.#statuses(this.#names.groups, 1 + this.#names.checks.length, false)
  }

  /** The checks that are not ok, each with its status. */
  get failing(): Statuses {
    return this.#statuses(this.#names.checks, 1, true)
  }

  #statuses(names: readonly string[], from: number, isBad: boolean): Statuses {
    const pairs = names.map((name, n) => [name, status(this.#codes, from + n)] as const)
    return named(isBad ? pairs.filter(([, status]) => status !== 'ok') : pairs)
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    const { status, failing } = this
    return `Screening ${inspect({ status, failing }, options)}`
  }
}

function status(codes: string, at: number): Status {
  return STATUSES[codes.charCodeAt(at) - 48] ?? 'unknown'
}

/** As an object: a check may be called `__proto__`. */
function named(pairs: readonly (readonly [string, string])[]): Statuses {
  return Object.fromEntries(pairs) as Statuses
}

/** A policy's checks, ready for one snapshot after the other. @internal */
export class Screener {
  readonly #handle: PolicyHandle
  readonly #names: ScreenNames
  readonly #row: Float64Array
  readonly #parts: readonly (readonly string[])[]

  constructor(handle: PolicyHandle) {
    this.#handle = handle
    this.#names = native.screenNames(handle)
    this.#row = new Float64Array(this.#names.metrics.length)
    this.#parts = this.#names.metrics.map(name => name.split('.'))
  }

  screen(snapshot: unknown, now: bigint | string): Screening {
    const codes = this.#fill(snapshot)
      ? native.screenRow(this.#handle, this.#row, now)
      : native.screenSnapshot(this.#handle, metrics(snapshot), now)
    return Screening.of(this.#names, codes)
  }

  /** Whether all metrics are plain values: they are in the row then. */
  #fill(snapshot: unknown): boolean {
    if (this.#names.instances || typeof snapshot !== 'object' || snapshot === null) return false
    if (Object.getPrototypeOf(snapshot) !== Object.prototype) return false
    const { metrics, instants } = this.#names
    const fields = snapshot as Readonly<Record<string, unknown>>
    for (let n = 0; n < metrics.length; n++) {
      const name = metrics[n] as string
      let value = fields[name]
      if (value === undefined) {
        const parts = this.#parts[n] as readonly string[]
        if (parts.length > 1) {
          value = below(fields, parts)
          // A name may be cut elsewhere.
          if (value === undefined) return false
        }
      }
      const number = plain(value, instants[n] as boolean)
      if (number === undefined) return false
      this.#row[n] = number
    }
    return true
  }
}

function below(fields: Readonly<Record<string, unknown>>, parts: readonly string[]): unknown {
  let found: unknown = fields
  for (const part of parts) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Readonly<Record<string, unknown>>)[part]
  }
  return found
}

/** A number, or the microseconds of an instant; nothing for what takes a closer look. */
function plain(value: unknown, isInstant: boolean): number | undefined {
  if (typeof value === 'number') return isInstant ? Number.NaN : value
  if (value === undefined || value === null) return Number.NaN
  if (typeof value === 'boolean') return isInstant ? Number.NaN : Number(value)
  if (typeof value !== 'object' || !isDate(value)) return undefined
  const micros = value.getTime() * 1000
  return Number.isSafeInteger(micros) ? (isInstant ? micros : Number.NaN) : undefined
}

/** Which thresholds many snapshots meet, each a row. */
export class Fleet {
  readonly #handle: FleetHandle
  readonly #head: FleetHead

  private constructor(handle: FleetHandle) {
    this.#handle = handle
    this.#head = handle.head()
  }

  /** @internal */
  static of(handle: FleetHandle): Fleet {
    return calling(() => new Fleet(handle))
  }

  get kind(): 'fleet' {
    return 'fleet'
  }

  /** When it was asked. */
  get at(): string {
    return this.#head.at
  }

  /** The digest of the checks and groups that it speaks of. */
  get policySha256(): string {
    return this.#head.policySha256
  }

  /** How many rows there are. */
  get total(): number {
    return this.#head.total
  }

  /** How bad the worst row is; unknown without any. */
  get status(): Status {
    return this.#head.status
  }

  /** The names of the checks and groups, each with its family, in order. */
  get names(): string[] {
    const { checks, groups } = this.#head
    return [...checks.map(name => `check.${name}`), ...groups.map(name => `group.${name}`)]
  }

  /** How many rows have each status: as a whole, or by a check or group. */
  counts(name?: string): StatusCounts {
    return calling(() => this.#handle.counts(this.#place(name)))
  }

  /** The status of every row as a byte: 0 is ok, 1 warn, 2 unknown, 3 crit. */
  codes(name?: string): Uint8Array {
    return calling(() => this.#handle.codes(this.#place(name)))
  }

  /** So many of the worst rows that are not ok; ten, if not said. */
  worst(most = 10): FleetRow[] {
    if (!Number.isInteger(most) || most < 0 || most > 0xffff_ffff) {
      throw new TypeError(`the rows are ${String(most)}, and not a whole number`)
    }
    const row = (found: ReturnType<FleetHandle['worst']>[number]): FleetRow => ({
      row: found.row,
      id: found.id ?? null,
      status: found.status as FleetRow['status'],
      checks: named(found.checks),
      groups: named(found.groups),
    })
    return calling(() => this.#handle.worst(most).map(row))
  }

  /** The answer as JSON: the same bytes as from every other host. */
  toJson(): string {
    return calling(() => this.#handle.toJson())
  }

  /**
   * The statuses as an Arrow IPC stream of one batch: `id`, if the rows have one, `status`, and one
   * column for every check and group by its name with its family, such as `check.cpu`.
   */
  toArrow(): Uint8Array {
    return calling(() => this.#handle.toArrow())
  }

  #place(name: string | undefined): number | undefined {
    if (name === undefined) return undefined
    if (typeof name !== 'string')
      throw new TypeError(`the name is ${described(name)}, and not text`)
    const { checks, groups } = this.#head
    const place = [...checks, ...groups].indexOf(name)
    const full = place < 0 ? this.names.indexOf(name) : place
    if (full < 0) throw new RangeError(`there is no check and no group \`${name}\``)
    return full
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    return `Fleet ${inspect({ total: this.total, ...this.counts() }, options)}`
  }
}
