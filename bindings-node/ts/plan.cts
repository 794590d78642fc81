// The plan: a handle to core's, from which only what is asked for is taken.

import { inspect } from 'node:util'

import { answer, type Explanation, frozen, type Source } from './answer.cjs'
import { text } from './check.cjs'
import { calling } from './error.cjs'
import { readText, replace } from './file.cjs'
import { type Entry, type Head, native, type PlanHandle } from './native.cjs'

/** A value of a key column, as in JSON: only null and booleans are not text. */
export type KeyValue = string | boolean | null

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

/** A row that goes, with the evidence, by `why`. */
export type Drop =
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

/** Rows that the rule leaves alone. */
export interface Skipped {
  /** Without a time. */
  readonly nullTime: number
  /** With a null in the key, where the rule skips those. */
  readonly nullKey: number
  /** Later than now and the allowed skew. */
  readonly future: number
  /** Not what the rule is about. */
  readonly notOnly: number
  /** In a cluster that may still grow. */
  readonly open: number
}

/** Two rows of one key that came nearest to being duplicates. */
export interface Nearest {
  readonly id: string
  readonly otherId: string
  readonly gap: string
}

/** Drops that cross at once while they are iterated. */
const PAGE = 256

/** The rows that go, in the order of key, time and id. Each is made when it is asked for. */
export class Drops implements Iterable<Drop> {
  /** How many there are. */
  readonly length: number
  readonly #handle: PlanHandle
  readonly #names: readonly string[]

  private constructor(handle: PlanHandle, length: number) {
    this.#handle = handle
    this.length = length
    this.#names = handle.key()
  }

  /** @internal */
  static of(handle: PlanHandle, length: number): Drops {
    return new Drops(handle, length)
  }

  /** The drop at this place; counted from the end, if below 0. */
  at(place: number): Drop | undefined {
    const whole = Math.trunc(place) || 0
    const from = whole < 0 ? whole + this.length : whole
    return from >= 0 && from < this.length ? this.#page(from, from + 1)[0] : undefined
  }

  *[Symbol.iterator](): IterableIterator<Drop> {
    for (let from = 0; from < this.length; from += PAGE) {
      yield* this.#page(from, Math.min(from + PAGE, this.length))
    }
  }

  #page(from: number, to: number): Drop[] {
    const entries = calling(() => this.#handle.drops(from, to))
    return entries.map(entry => this.#drop(entry))
  }

  #drop({ key, ...rest }: Entry): Drop {
    const named = Object.fromEntries(this.#names.map((name, n) => [name, key[n] ?? null]))
    return frozen({ ...rest, key: named }) as Drop
  }
}

/** Which rows go, and which row stays for each of them: to be reviewed before it is applied. */
export class Plan {
  readonly #handle: PlanHandle
  readonly #head: Head
  #drops: Drops | undefined

  private constructor(handle: PlanHandle) {
    this.#handle = handle
    this.#head = frozen(handle.head())
  }

  /** @internal */
  static of(handle: PlanHandle): Plan {
    return new Plan(handle)
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

  /** Rows that were decided: kept and dropped. */
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

  /** Rows that the rule leaves alone. */
  get skipped(): Skipped {
    return this.#head.skipped
  }

  /** Whether it drops enough to be applied, by the rule's `advise_above`. */
  get advised(): boolean {
    return this.#head.advised
  }

  /** The advice in words: `3 drops, applied above 10`. */
  get advice(): string {
    return this.#head.advice
  }

  /** For a plan that drops nothing: what came nearest. */
  get nearest(): Nearest | null {
    return this.#head.nearest ?? null
  }

  /** What a person should know before applying it. */
  get warnings(): readonly string[] {
    return this.#head.warnings
  }

  /** The plan's digest. */
  get sha256(): string {
    return calling(() => this.#handle.sha256())
  }

  /** The ids that go, always as text, in the order of key, time and id. */
  get dropIds(): string[] {
    return calling(() => this.#handle.dropIds())
  }

  /** The rows that go, with the evidence. */
  get drops(): Drops {
    this.#drops ??= calling(() => Drops.of(this.#handle, this.drop))
    return this.#drops
  }

  /** What this plan does with an id, and why. */
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
   * The drops as an Arrow IPC stream of one batch: `id`, `keeper_id`, `key`, `time`,
   * `keeper_time`, `gap`, `why`, `via_id`, `via_gap`, `bucket`.
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
    const { rule, plannedAt, total, keep, drop, advice } = this
    return `Plan ${inspect({ rule, plannedAt, total, keep, drop, advice }, options)}`
  }
}

/** An id as the text that it is in every document. @internal */
export function idText(id: unknown): string {
  if (typeof id === 'bigint' || Number.isSafeInteger(id)) return String(id)
  return text(id, 'the id')
}
