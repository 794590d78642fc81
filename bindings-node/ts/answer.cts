// Answers: core's documents, typed, with their keys in camel case.

/** Where rows came from: names, and what identifies each (a file's digest, say). */
export type Source = Readonly<Record<string, string>>

/** Which end of a cluster stays. */
export type Keep = 'newest' | 'oldest'
/** How the window is laid. */
export type Mode = 'anchor' | 'chain' | 'tumbling' | 'forever'

/** A dedupe rule with its defaults filled in. */
export interface Settings {
  readonly table?: string
  readonly id: string
  readonly key: readonly string[]
  readonly time: string
  readonly window?: string
  readonly keep: Keep
  readonly mode: Mode
  readonly nullKey: 'equal' | 'distinct' | 'skip'
  readonly only?: Readonly<Record<string, unknown>>
  readonly open?: 'wait' | 'close'
  readonly skew: string
  readonly guard?: { readonly maxDrops?: number; readonly maxFraction?: number }
  readonly adviseAbove: number
  readonly tz?: string
  readonly timeUnit?: 's' | 'ms' | 'us' | 'ns'
  readonly types?: Readonly<Record<string, 'text' | 'integer' | 'uuid' | 'boolean' | 'instant'>>
}

/** What every document has. */
export interface Document {
  /** The version of the document. */
  readonly housekeep: 1
  /** The document as JSON: the bytes that every host gives. */
  toJson(): string
}

/** A statement, and what stands for its `$1`, `$2` and so on: each as text, which it casts. */
export interface Sql {
  readonly text: string
  readonly values: readonly string[]
}

/** A rule at a moment, as statements of PostgreSQL. */
export interface Statements extends Document {
  readonly kind: 'statements'
  readonly rule: string
  readonly table: string
  readonly plannedAt: string
  /** The rows that go: `id`, and of duplicates `keeper_id`. */
  readonly select: Sql
  /**
   * Removes some of them, with all that hangs on them, and gives their ids. Run again until it gives
   * none; it may be stopped between any two runs.
   */
  readonly delete: Sql
}

/** What one window would drop, in one mode. */
export interface ModeCounts {
  readonly drop: number
  /** Rows in clusters that may still grow. */
  readonly open: number
}

/** What other windows would drop. */
export interface Sweep extends Document {
  readonly kind: 'sweep'
  readonly rule: string
  readonly table: string | null
  readonly plannedAt: string
  readonly ruleSha256: string
  readonly source: Source
  readonly total: number
  readonly eligible: number
  readonly windows: readonly {
    readonly window: string
    readonly anchor: ModeCounts
    readonly chain: ModeCounts
    readonly tumbling: ModeCounts
  }[]
  readonly forever: ModeCounts
  readonly smallestWindow: string | null
  /** How far apart neighbours of one key are: longer than `over`, up to `upto`. */
  readonly gaps: readonly {
    readonly over: string
    readonly upto: string | null
    readonly count: number
  }[]
  readonly warnings: readonly {
    readonly code: 'usual_interval'
    readonly window: string
    readonly keys: number
    readonly medianGap: string
    readonly message: string
  }[]
}

/** The ids on which two rules differ over the same rows. */
export interface Compare extends Document {
  readonly kind: 'compare'
  readonly rule: string
  readonly table: string | null
  readonly plannedAt: string
  readonly source: Source
  readonly a: Settings
  readonly b: Settings
  /** How many rows both drop. */
  readonly both: number
  /** Ids that only the first drops. */
  readonly onlyA: readonly string[]
  /** Ids that only the other drops. */
  readonly onlyB: readonly string[]
}

/** Another row of the same key. */
export interface Neighbour {
  readonly id: string
  readonly time: string
  /** Elapsed time between the two. */
  readonly gap: string
}

/** A value of a key or a group, as in JSON: only null and booleans are not text. */
export type KeyValue = string | boolean | null

/** Why an item goes: the limit that it is over, or how the nearest keep rule passed it over. */
export type RemovalWhy =
  | 'over_age'
  | 'over_count'
  | 'over_bytes'
  /** Another item stands for the period. */
  | 'period_taken'
  /** The period holds an item already that a finer rule keeps. */
  | 'period_covered'
  /** As many as are counted are newer. */
  | 'count_full'
  /** It is further back than the rule reaches. */
  | 'too_old'
  /** No keep rule is about it. */
  | 'not_about'

/** Why an item stays. */
export type StayWhy =
  | 'held'
  /** Among the newest, which are the floor. */
  | 'newest'
  /** Younger than the floor. */
  | 'young'
  /** It stands for a period of a keep rule. */
  | 'claimed'
  /** The oldest of all, which a keep rule claims as well. */
  | 'oldest'
  /** A keep rule without periods is about it. */
  | 'saved'
  | 'within_limits'
  /** It does not yet meet what the rule requires of what goes. */
  | 'required'
  | 'not_matched'
  | 'null_time'
  | 'future'

/**
 * What speaks for a decision of a retention rule, and where it stands in the policy.
 *
 * `n` and `of` are exact up to 2^53, beyond which they are the number that comes nearest, as of all
 * JSON that JavaScript reads; bytes of more than 8 PiB are. The plan's JSON has them exactly.
 */
export interface Reason<Why extends RemovalWhy | StayWhy = RemovalWhy | StayWhy> {
  /** The setting, by its path in the policy: `retention.backups.keep[1]`. */
  readonly rule: string
  /** Why, in a word. */
  readonly why: Why
  /** The period of a keep rule, such as `2024-05-03`. */
  readonly period?: string
  /** Which one it is, the newest being 1; or the bytes of it and all that are newer. */
  readonly n?: number
  /** Of how many. */
  readonly of?: number
  /** Elapsed time since the item's own. */
  readonly age?: string
  /** How old it may be, or has to be, such as `30d` or `2mo`. */
  readonly limit?: string
  /** Another item: the one that stands for the period. */
  readonly id?: string
}

/** One reason or more. */
export type Reasons<Why extends RemovalWhy | StayWhy = RemovalWhy | StayWhy> = readonly [
  Reason<Why>,
  ...Reason<Why>[],
]

interface Explained extends Document {
  readonly kind: 'explanation'
  readonly rule: string
  readonly id: string
  /** The decision and its reason, in a sentence. */
  readonly sentence: string
}

/** What becomes of one row of a dedupe rule, by `decision`. */
export type DedupeExplanation =
  | (Explained & {
      readonly decision: 'drop'
      readonly why: 'within_window' | 'same_bucket' | 'same_key'
      readonly time: string
      /** The row that stays. */
      readonly keeper: Neighbour
    })
  | (Explained & {
      readonly decision: 'drop'
      readonly why: 'chained'
      readonly time: string
      /** The row that stays. */
      readonly keeper: Neighbour
      /** The neighbour that joins the row to it. */
      readonly via: Neighbour
    })
  | (Explained & {
      readonly decision: 'keep'
      readonly why: 'keeper' | 'apart' | 'alone'
      readonly time: string
      /** The nearest earlier row of the key. */
      readonly older?: Neighbour
      /** The nearest later row of the key. */
      readonly newer?: Neighbour
      /** The rows that go because this one stays. */
      readonly drops?: readonly string[]
    })
  | (Explained & {
      readonly decision: 'skip'
      readonly why: 'not_only' | 'null_time' | 'future' | 'null_key' | 'open'
      readonly time?: string
    })

/** What becomes of one item of a retention rule, by `decision`. */
export type RetentionExplanation =
  | (Explained & {
      readonly decision: 'drop'
      readonly why: RemovalWhy
      readonly time: string
      readonly reasons: Reasons<RemovalWhy>
    })
  | (Explained & {
      readonly decision: 'keep'
      readonly why: StayWhy
      readonly time: string
      /** Each is enough. */
      readonly reasons: Reasons<StayWhy>
      /** When it would go, if no other item came and none went, where that can be known. */
      readonly dueAt?: string
    })
  | (Explained & {
      /** It would go, and may not yet. */
      readonly decision: 'block'
      readonly why: RemovalWhy
      readonly time: string
      /** First what it would go for. */
      readonly reasons: Reasons
    })
  | (Explained & {
      /** The rule leaves it alone. */
      readonly decision: 'skip'
      readonly why: 'not_matched' | 'null_time' | 'future'
      readonly time?: string
      readonly reasons: Reasons<'not_matched' | 'null_time' | 'future'>
      /** Of one in the future: when it would go, where that can be known. */
      readonly dueAt?: string
    })

/** What becomes of one row, by `decision`; with `reasons`, if a retention rule decided it. */
export type Explanation =
  | DedupeExplanation
  | RetentionExplanation
  | (Explained & {
      readonly decision: 'absent'
      readonly why: 'unknown_id' | 'not_in_plan'
    })

/** Under these keys stand names that a user chose. */
const CHOSEN = new Set(['source', 'only', 'types', 'group', 'tasks'])

/** Numbers that JSON does not have, by the words that stand for them. */
const NUMBERS = new Map<unknown, number>([
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    CHOSEN.has(key) ? inner : camel(key === 'value' ? (NUMBERS.get(inner) ?? inner) : inner),
  ])
  return Object.fromEntries(entries)
}

/** The value, which nobody can change any more, to its depth. @internal */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen)
  return Object.freeze(value)
}

/** A list of a document's entries. @internal */
export function entries<T>(json: string): T[] {
  return frozen(camel(JSON.parse(json)) as T[])
}

/** A document as the object it says. @internal */
export function answer<T extends Document>(json: string): T {
  const fields = camel(JSON.parse(json)) as T
  Object.defineProperty(fields, 'toJson', { value: () => json })
  return frozen(fields)
}
