// The one error class. What it says is core's; only the class is made here.

/** Which error it is. Stable; core has the table of them, with a line about each. */
export type ErrorCode =
  | 'policy.syntax'
  | 'policy.empty'
  | 'policy.unknown_field'
  | 'policy.missing_field'
  | 'policy.repeated_field'
  | 'policy.wrong_type'
  | 'policy.unknown_value'
  | 'policy.bad_value'
  | 'policy.out_of_range'
  | 'policy.conflict'
  | 'policy.never_matches'
  | 'policy.protected'
  | 'policy.unknown_rule'
  | 'policy.unknown_date'
  | 'policy.no_sql'
  | 'rows.empty'
  | 'rows.syntax'
  | 'rows.no_data'
  | 'rows.missing_column'
  | 'rows.missing_field'
  | 'rows.repeated_field'
  | 'rows.wrong_type'
  | 'rows.bad_value'
  | 'rows.naive_time'
  | 'rows.infinite_time'
  | 'rows.time_out_of_range'
  | 'rows.no_time_unit'
  | 'rows.null_id'
  | 'rows.duplicate_id'
  | 'rows.not_unicode'
  | 'rows.too_large'
  | 'metrics.syntax'
  | 'metrics.bad_value'
  | 'state.syntax'
  | 'state.version'
  | 'state.not_raised'
  | 'state.bad_mute'
  | 'state.bad_event'
  | 'state.other'
  | 'report.syntax'
  | 'report.version'
  | 'report.not_ok'
  | 'plan.syntax'
  | 'plan.version'
  | 'plan.altered'
  | 'plan.guard'
  | 'apply.stale_plan'
  | 'apply.other_database'
  | 'apply.no_export'
  | 'apply.altered_export'
  | 'apply.not_confirmed'
  | 'apply.undeclared_key'
  | 'apply.no_table'
  | 'apply.rows_changed'
  | 'apply.not_verified'
  | 'apply.rows_differ'
  | 'apply.read_only'
  | 'apply.database'
  | 'apply.connection'
  | 'apply.driver'
  | 'io.read'
  | 'io.write'
  | 'io.format'
  | 'cancelled'
  /** A bug in housekeep. Of no other host: there a program would end. */
  | 'internal'

/** What kind of thing went wrong. */
export type ErrorKind = 'policy' | 'data' | 'plan' | 'apply' | 'io' | 'cancelled' | 'internal'

interface Parts {
  code: ErrorCode
  kind: ErrorKind
  help?: string
  path?: string
  row?: number
  line?: number
  column?: number
}

/** Why a policy, some rows, metrics or a plan were refused. Its message says what happened and what to do. */
export class HousekeepError extends Error {
  /** Which error it is. */
  readonly code: ErrorCode
  /** What kind of thing went wrong. */
  readonly kind: ErrorKind
  /** What to do about it, where that can be said; also in the message. */
  declare readonly help?: string
  /** Where: a path in the policy such as `dedupe.runs.window`, a metric, or a row's column. */
  declare readonly path?: string
  /** The row, counted from 1. */
  declare readonly row?: number
  /** The line of a policy that was given as text, from 1. */
  declare readonly line?: number
  /** The column in that line, in characters, from 1. */
  declare readonly column?: number
  readonly #document: string

  private constructor(message: string, document: string) {
    super(message)
    this.#document = document
    const { code, kind, help, path, row, line, column } = JSON.parse(document).error as Parts
    this.code = code
    this.kind = kind
    const rest = Object.entries({ help, path, row, line, column })
    Object.assign(this, Object.fromEntries(rest.filter(([, value]) => value !== undefined)))
  }

  /** @internal */
  static of(message: string, document: string): HousekeepError {
    return new HousekeepError(message, document)
  }

  /** The error as the JSON document that all hosts share. */
  toJson(): string {
    return this.#document
  }
}
Object.defineProperty(HousekeepError.prototype, 'name', {
  value: 'HousekeepError',
  configurable: true,
  writable: true,
})

/** What the native module throws, as what we throw; anything else as it is. @internal */
export function translated(error: unknown): unknown {
  const { message, housekeep } = Object(error) as { message: string; housekeep?: unknown }
  return typeof housekeep === 'string' ? HousekeepError.of(message, housekeep) : error
}

/** Runs something that calls the native module. @internal */
export function calling<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translated(error)
  }
}
