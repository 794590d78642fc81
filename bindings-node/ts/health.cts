// Health: what is said of what was measured, and what is remembered of it.

import { inspect, types } from 'node:util'

import { answer, type Document } from './answer.cjs'
import { described, text } from './check.cjs'
import { calling } from './error.cjs'
import { type EvaluatedHandle, native, type ReportHead, type StateHandle } from './native.cjs'
import { unshared } from './rows.cjs'

/** How bad a check is, by its thresholds. */
export type Level = 'ok' | 'warn' | 'crit'
/** How a check, a group or the whole is: healthy, degraded, not known, or unhealthy. */
export type Status = Level | 'unknown'

/** A change of a level that a gate delays. */
export interface Pending {
  /** The level that it is on the way to. */
  readonly to: Level
  /** When it will be there, if nothing changes meanwhile; null where samples have to say so. */
  readonly at: string | null
}

/** A call of somebody. */
export interface Call {
  readonly who: string
  readonly at: string
}

/** How far what is raised has gone up the tiers of its severity. */
export interface Escalation {
  /** How severe it is, by the name that the policy has for it. */
  readonly severity: string
  /** Since when it is raised. */
  readonly raised: string
  /** Who was called, in the order in which they were. */
  readonly called: readonly Call[]
  /** Who is called next, if nobody says that they are on it. */
  readonly next: Call | null
  /** By when somebody has to say that they are on it; null if somebody did. */
  readonly acknowledgeBy: string | null
  /** By when it has to be over. */
  readonly resolveBy: string | null
  /** What should have been done by now. */
  readonly late: readonly ('acknowledge' | 'resolve')[]
}

interface Checked {
  readonly check: string
  /** The instance, if the check has instances. */
  readonly instance?: string
  readonly status: Status
  /** Since when it is so. */
  readonly since: string
  /** How it was before, if that is different. */
  readonly was?: Status
  /** The level that the thresholds and gates give, known or held. */
  readonly level: Level
  /** What the number counts in, if that is known: `%`, `s`, `MiB`, … */
  readonly unit?: string
  /** Until when nobody is told of it, if that is so now. */
  readonly muted?: string
  /** When somebody said that they are on it, if they did. */
  readonly acknowledged?: string
  /** Who is called about it, while it is as bad as it can be, of a check with a severity. */
  readonly escalation?: Escalation
  /** What is found, and why, in a sentence. */
  readonly sentence: string
}

interface Measured extends Checked {
  /** The number, which may be infinite. */
  readonly value: number
}

/** Why there is no number, but that it is too old. */
type Missing =
  | 'absent'
  | 'null'
  | 'not_a_number'
  | 'not_an_instant'
  | 'nothing_of_nothing'
  | 'too_few_samples'

interface Unmeasured extends Checked {
  readonly reason: 'missing'
  readonly value: null
  /** Whether what is missing is what says where the number means something, by `when`. */
  readonly unguarded?: true
  /** Whether the level is an old one. */
  readonly held?: true
  readonly pending?: Pending
}

/** What is said of a check, or of one instance of it, by `reason`. */
export type CheckReport =
  /** No threshold is met. */
  | (Measured & { readonly reason: 'fine' })
  /** The threshold of the level is met. */
  | (Measured & { readonly reason: 'met'; readonly bound: string })
  /** A worse threshold is met, and not for long enough yet. */
  | (Measured & { readonly reason: 'pending'; readonly bound?: string; readonly pending: Pending })
  /** No threshold is met any more, and what clears it is not met either. */
  | (Measured & { readonly reason: 'not_clear'; readonly bound?: string })
  /** No threshold is met any more, and not for long enough yet. */
  | (Measured & { readonly reason: 'kept'; readonly pending: Pending })
  /** The number means nothing, by `when`. */
  | (Measured & { readonly reason: 'idle'; readonly bound: string; readonly pending?: Pending })
  /** It means nothing, by `when`, and is missing: by `age`, if it is too old. */
  | (Checked & {
      readonly reason: 'idle'
      readonly value: null
      readonly bound: string
      readonly missing: Missing | 'stale'
      readonly age?: string
    })
  /** There is no number. */
  | (Unmeasured & { readonly missing: Missing })
  /** The reading is too old: by `age`. */
  | (Unmeasured & { readonly missing: 'stale'; readonly age: string })

/** A group and its status. */
export interface GroupReport {
  readonly group: string
  readonly status: Status
  /** How it would be without its cap, if that is different. */
  readonly uncapped?: Status
}

/** What somebody is to be told, and may have to do. */
export interface Action {
  /** Unlike that of any other, and the same if it is found again. */
  readonly id: string
  readonly check: string
  /** The instance, if the check has instances. */
  readonly instance?: string
  /** What is to be done, if the check says so. */
  readonly action: string | null
  /** How it was; as it is, where it is said again. */
  readonly from: Status
  /** How it is. */
  readonly to: Status
  /** What is found, in a sentence. */
  readonly why: string
  /** Who is called now, if anybody is, in the order in which they are. */
  readonly calls?: readonly string[]
  /** By when somebody has to be on it or, if somebody is, by when it has to be over. */
  readonly due?: string
}

/** The one word for the whole. */
export type Word = 'healthy' | 'degraded' | 'unknown' | 'unhealthy'

interface Said extends Document {
  readonly checks: readonly CheckReport[]
  readonly groups: readonly GroupReport[]
  readonly actions: readonly Action[]
}

/** How everything is at one moment. What it says is made when it is asked for. */
export class HealthReport {
  readonly #handle: EvaluatedHandle
  readonly #head: ReportHead
  #said: Said | undefined

  private constructor(handle: EvaluatedHandle) {
    this.#handle = handle
    this.#head = handle.head()
  }

  /** @internal */
  static of(handle: EvaluatedHandle): HealthReport {
    return new HealthReport(handle)
  }

  get kind(): 'health' {
    return 'health'
  }

  /** When it was made. */
  get at(): string {
    return this.#head.at
  }

  /** The digest of the checks and groups that it speaks of. */
  get policySha256(): string {
    return this.#head.policySha256
  }

  /** How the whole is. */
  get status(): Status {
    return this.#head.status
  }

  /** The one word for the whole. */
  get word(): Word {
    return this.#head.word
  }

  /** How what is critical is, by the groups that say so; null if none does. */
  get critical(): Status | null {
    return this.#head.critical ?? null
  }

  /** The first instant at which anything changes if nothing new is measured. */
  get nextChange(): string | null {
    return this.#head.nextChange ?? null
  }

  /** Every check, and each of its instances, in the order of their names. */
  get checks(): readonly CheckReport[] {
    return this.#read.checks
  }

  /** Every group, in the order of their names. */
  get groups(): readonly GroupReport[] {
    return this.#read.groups
  }

  /** What is to be told now, in the order of the checks: once of each change, or as `repeat` says. */
  get actions(): readonly Action[] {
    return this.#read.actions
  }

  /**
   * What it says of the critical groups, and of all that they are made of: the whole is then as bad
   * as the worst of them.
   *
   * @throws {HousekeepError} `policy.missing_field` if no group is critical.
   */
  criticalOnly(): HealthReport {
    return calling(() => new HealthReport(this.#handle.criticalOnly()))
  }

  /** The report as JSON: the bytes that every host gives. */
  toJson(): string {
    return calling(() => this.#handle.toJson())
  }

  /** What a Nagios plugin prints: a line, performance data, and what is not ok. */
  toNagios(): string {
    return calling(() => this.#handle.toNagios())
  }

  /** The report as OpenMetrics 1.0, for a scrape or a push. */
  toOpenMetrics(): string {
    return calling(() => this.#handle.toOpenmetrics())
  }

  get #read(): Said {
    this.#said ??= answer<Said>(this.toJson())
    return this.#said
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    const { at, status, word, critical, nextChange, checks, groups, actions } = this
    const all = { at, status, word, critical, nextChange, checks, groups, actions }
    return `HealthReport ${inspect(all, options)}`
  }
}

/** What is remembered from one evaluation to the next. It never changes. */
export class HealthState {
  readonly #handle: StateHandle

  private constructor(handle: StateHandle) {
    this.#handle = handle
  }

  /** @internal */
  static of(handle: StateHandle): HealthState {
    return new HealthState(handle)
  }

  /** @internal */
  static handle(state: unknown): StateHandle | null {
    if (state === undefined || state === null) return null
    if (state instanceof HealthState) return state.#handle
    throw new TypeError(`the state is ${described(state)}, and not a HealthState`)
  }

  /**
   * Reads what {@link HealthState.toJson} wrote.
   *
   * @throws {HousekeepError} `state.syntax`, `state.version`
   */
  static fromJson(json: string | Uint8Array): HealthState {
    const bytes = bytesOf(json, 'the state')
    return calling(() => new HealthState(native.parseState(bytes)))
  }

  /** The state as JSON, which is to be kept until the next evaluation. */
  toJson(): string {
    return calling(() => this.#handle.toJson())
  }

  /** Whether the two remember the same. */
  equals(other: unknown): boolean {
    return other instanceof HealthState && calling(() => this.#handle.equals(other.#handle))
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    return `HealthState ${inspect({ at: calling(() => this.#handle.at()) }, options)}`
  }
}

/** The bytes of a document. @internal */
export function bytesOf(json: unknown, what: string): Uint8Array {
  return types.isUint8Array(json) ? unshared(json) : Buffer.from(text(json, what))
}

/** What an evaluation gives. */
export interface Evaluation {
  readonly report: HealthReport
  /** What to give to the next evaluation. */
  readonly state: HealthState
}

/** @internal */
export function evaluation(handle: EvaluatedHandle): Evaluation {
  return { report: HealthReport.of(handle), state: HealthState.of(handle.state()) }
}
