// The plan: a handle to core's, from which only what is asked for is taken.

import { inspect } from 'node:util'

import {
  answer,
  type Explanation,
  entries,
  frozen,
  type KeyValue,
  type Reasons,
  type RemovalWhy,
  type Source,
  type StayWhy,
} from './answer.cjs'
import { text } from './check.cjs'
import { calling } from './error.cjs'
import { readText, replace } from './file.cjs'
import { type Entry, type Head, native, type PlanHandle } from './native.cjs'

interface Dropped {
  /** The row that goes. */
  readonly id: string
  /** The row that stays. */
  readonly keeperId: string
  /** The key they share. */
  readonly key: Readonly<Record<string, KeyValue>>
  /** The time of the row that goes. */
  readonly time: string
  /** The time of the row that stays. */
  readonly keeperTime: string
  /** Elapsed time between the two. */
  readonly gap: string
}

/** A duplicate that goes, with the evidence, by `why`. */
export type Duplicate =
  | (Dropped & { readonly why: 'within_window' | 'same_key' })
  | (Dropped & {
      readonly why: 'chained'
      /** The neighbour that joins the row to the one that stays. */
      readonly viaId: string
      /** Elapsed time to that neighbour. */
      readonly viaGap: string
    })
  | (Dropped & {
      readonly why: 'same_bucket'
      /** When the bucket begins. */
      readonly bucket: string
    })

/** The group of an item: column and value. */
export type Group = Readonly<Record<string, KeyValue>>

/** An item that goes since it has outlived its use. */
export interface Removal {
  readonly id: string
  readonly time: string
  /** How many bytes it has, if the rule reads that; exact up to 2^53. */
  readonly size?: number
  /** The group it is in. */
  readonly group: Group
  /** Why, in a word: that of the first reason. */
  readonly why: RemovalWhy
  /** Why: the limit that it is over, or the keep rule that came nearest to keeping it. */
  readonly reasons: Reasons<RemovalWhy>
}

/** A row that goes, by `why`: in a dedupe plan a duplicate; in a retention plan, with `reasons`. */
export type Drop = Duplicate | Removal

interface Stays {
  readonly id: string
  readonly time: string | null
  /** How many bytes it has, if the rule reads that; exact up to 2^53. */
  readonly size?: number
  /** The group it is in. */
  readonly group: Group
  /** When it would go, if no other item came and none went; null if never, or not known. */
  readonly dueAt: string | null
}

/** An item that stays, by `decision`. */
export type Stay =
  | (Stays & {
      readonly decision: 'keep'
      readonly time: string
      /** Each is enough. */
      readonly reasons: Reasons<StayWhy>
    })
  | (Stays & {
      /** It would go, and may not yet. */
      readonly decision: 'block'
      readonly time: string
      /** First what it would go for. */
      readonly reasons: Reasons
    })
  | (Stays & {
      /** The rule leaves it alone. */
      readonly decision: 'skip'
      readonly reasons: Reasons<'not_matched' | 'null_time' | 'future'>
    })

/** The oldest item of a group that stays. */
export interface OldestKept {
  readonly group: Group
  readonly id: string
  readonly time: string
}

/** Rows that a rule leaves alone, each counted once. What its family does not count is not there. */
export interface Skipped {
  /** Without a time. */
  readonly nullTime: number
  /** Later than now and, of duplicates, the allowed skew. */
  readonly future: number
  /** Of duplicates: with a null in the key, where the rule skips those. */
  readonly nullKey?: number
  /** Of duplicates: not what the rule is about. */
  readonly notOnly?: number
  /** Of duplicates: in a cluster that may still grow. */
  readonly open?: number
  /** Of retention: not what the rule is about. */
  readonly notMatched?: number
}

/** Two rows of one key that came nearest to being duplicates. */
export interface Nearest {
  readonly id: string
  readonly otherId: string
  readonly gap: string
}

/** Entries that cross at once while they are iterated. */
const PAGE = 256

type Page<T> = (from: number, to: number) => T[]

/** Entries of a plan, in its order. Each is made when it is asked for. */
export class Entries<T> implements Iterable<T> {
  /** How many there are. */
  readonly length: number
  readonly #page: Page<T>

  private constructor(length: number, page: Page<T>) {
    this.length = length
    this.#page = page
  }

  /** @internal */
  static of<T>(length: number, page: Page<T>): Entries<T> {
    return new Entries(length, page)
  }

  /** The entry at this place; counted from the end, if below 0. */
  at(place: number): T | undefined {
    const whole = Math.trunc(place) || 0
    const from = whole < 0 ? whole + this.length : whole
    return from >= 0 && from < this.length
      ? calling(() => this.#page(from, from + 1))[0]
      : undefined
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let from = 0; from < this.length; from += PAGE) {
      yield* calling(() => this.#page(from, Math.min(from + PAGE, this.length)))
    }
  }
}

/** The rows that go. */
export type Drops = Entries<Drop>
/** The items that stay. */
export type Keeps = Entries<Stay>

function duplicates(handle: PlanHandle): Page<Duplicate> {
  const names = handle.key()
  const duplicate = ({ key, ...rest }: Entry) => {
    const named = Object.fromEntries(names.map((name, n) => [name, key[n] ?? null]))
    return frozen({ ...rest, key: named }) as Duplicate
  }
  return (from, to) => handle.drops(from, to).map(duplicate)
}

function removals(handle: PlanHandle): Page<Removal> {
  return (from, to) =>
    entries<Omit<Removal, 'why'>>(handle.removals(from, to)).map(removal => {
      const { reasons, ...rest } = removal
      return Object.freeze({ ...rest, why: reasons[0].why, reasons })
    })
}

/**
 * Which rows go, and why: to be reviewed before it is applied.
 *
 * There is one class for all families of rules; {@link Plan.kind} says which it is. What only plans of
 * the other family have is undefined.
 */
export class Plan {
  readonly #handle: PlanHandle
  readonly #head: Head
  #drops: Drops | undefined
  #keeps: Keeps | undefined
  #oldestKept: readonly OldestKept[] | undefined

  private constructor(handle: PlanHandle) {
    this.#handle = handle
    this.#head = frozen(handle.head())
  }

  /** @internal */
  static of(handle: PlanHandle): Plan {
    return new Plan(handle)
  }

  /** What the native module knows it by. @internal */
  static handle(plan: Plan): PlanHandle {
    return plan.#handle
  }

  /**
   * Reads a plan from its JSON.
   *
   * @throws {HousekeepError} `plan.syntax`, `plan.version`, and `plan.altered` if it is not what
   * its digest says.
   */
  static parse(json: string): Plan {
    return calling(() => new Plan(native.parsePlan(text(json, 'the plan'))))
  }

  /**
   * Reads a plan that {@link Plan.save} wrote.
   *
   * @throws {HousekeepError} as {@link Plan.parse}; what cannot be read is Node's own error.
   */
  static load(path: string | URL): Plan {
    return Plan.parse(readText(path))
  }

  /** The family of its rule. */
  get kind(): 'dedupe' | 'retention' {
    return this.#head.kind
  }

  /** The rule's name, without its family. */
  get rule(): string {
    return this.#head.rule
  }

  /** The table, if the rule names one. */
  get table(): string | null {
    return this.#head.table ?? null
  }

  /** The `now` it was made with. */
  get plannedAt(): string {
    return this.#head.plannedAt
  }

  /** The digest of the rule it was made by. */
  get ruleSha256(): string {
    return this.#head.ruleSha256
  }

  /** Where its rows came from. */
  get source(): Source {
    return this.#head.source
  }

  /** All rows. */
  get total(): number {
    return this.#head.total
  }

  /** Rows that were decided: all but those that the rule leaves alone. */
  get eligible(): number {
    return this.#head.eligible
  }

  /** Rows that stay because the rule says so. */
  get keep(): number {
    return this.#head.keep
  }

  /** Rows that go. */
  get drop(): number {
    return this.#head.drop
  }

  /** Of a retention plan: items that would go, and may not yet. */
  get blocked(): number | undefined {
    return this.#head.blocked
  }

  /** Rows that the rule leaves alone. */
  get skipped(): Skipped {
    return this.#head.skipped
  }

  /**
   * Of a retention plan: the files that the items are, a path with `*` and `**`; null if the rule is
   * not about files.
   */
  get files(): string | null | undefined {
    return this.kind === 'retention' ? (this.#head.files ?? null) : undefined
  }

  /** Of a dedupe plan: whether it drops enough to be applied, by the rule's `advise_above`. */
  get advised(): boolean | undefined {
    return this.#head.advised
  }

  /** Of a dedupe plan: the advice in words: `3 drops, applied above 10`. */
  get advice(): string | undefined {
    return this.#head.advice
  }

  /** Of a dedupe plan that drops nothing: what came nearest; null if it drops, or nothing did. */
  get nearest(): Nearest | null | undefined {
    return this.kind === 'dedupe' ? (this.#head.nearest ?? null) : undefined
  }

  /** What a person should know before applying it. */
  get warnings(): readonly string[] {
    return this.#head.warnings
  }

  /** The plan's digest. */
  get sha256(): string {
    return calling(() => this.#handle.sha256())
  }

  /**
   * The ids that go, always as text: of duplicates in the order of key, time and id; else the oldest
   * first. An id of several columns is a JSON array of their texts: `["acme","17"]`.
   */
  get dropIds(): string[] {
    return calling(() => this.#handle.dropIds())
  }

  /** The rows that go, with the evidence, in the order of {@link Plan.dropIds}. */
  get drops(): Drops {
    this.#drops ??= calling(() => {
      const page = this.kind === 'dedupe' ? duplicates(this.#handle) : removals(this.#handle)
      return Entries.of<Drop>(this.drop, page)
    })
    return this.#drops
  }

  /**
   * Of a retention plan that was made with `decisions`: the items that stay, why, and until when, in
   * the order of their rows.
   */
  get keeps(): Keeps | undefined {
    this.#keeps ??= calling(() => {
      const count = this.#handle.stayCount()
      const page: Page<Stay> = (from, to) => entries(this.#handle.stays(from, to))
      return count === null ? undefined : Entries.of(count, page)
    })
    return this.#keeps
  }

  /**
   * Of a retention plan: the oldest item that stays of each group that has one, in the order of the
   * groups. For a stream of one group, what `XTRIM … MINID` asks for.
   */
  get oldestKept(): readonly OldestKept[] | undefined {
    if (this.kind === 'retention') {
      this.#oldestKept ??= calling(() => entries<OldestKept>(this.#handle.oldestKept()))
    }
    return this.#oldestKept
  }

  /**
   * What this plan does with an id, and why. A plan lists the rows that go and, with `decisions`,
   * those that stay; of any other it can only say that it does not drop it.
   */
  explain(id: string | number | bigint): Explanation {
    return calling(() => answer(this.#handle.explain(idText(id))))
  }

  /** Whether the two are the same plan, by their digests. */
  equals(other: unknown): boolean {
    return other instanceof Plan && other.sha256 === this.sha256
  }

  /** The plan as JSON: the bytes that every host gives. */
  toJson(): string {
    return calling(() => this.#handle.toJson().toString())
  }

  /**
   * The drops as an Arrow IPC stream of one batch: of duplicates `id`, `keeper_id`, `key`, `time`,
   * `keeper_time`, `gap`, `why`, `via_id`, `via_gap`, `bucket`; else `id`, `time`, `size`, `group`,
   * and of the reason `rule`, `why`, `period`, `n`, `of`, `age`, `limit`, `by_id`.
   */
  toArrow(): Uint8Array {
    return calling(() => this.#handle.toArrow())
  }

  /** Writes the plan's JSON to a file, which is there whole or not at all. */
  save(path: string | URL): void {
    const bytes = calling(() => this.#handle.toJson())
    replace(path, bytes)
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    const { kind, rule, plannedAt, total, keep, blocked, drop, advice } = this
    const own = kind === 'dedupe' ? { drop, advice } : { blocked, drop }
    return `Plan ${inspect({ kind, rule, plannedAt, total, keep, ...own }, options)}`
  }
}

/** An id as the text that it is in every document. @internal */
export function idText(id: unknown): string {
  if (typeof id === 'bigint' || Number.isSafeInteger(id)) return String(id)
  return text(id, 'the id')
}
