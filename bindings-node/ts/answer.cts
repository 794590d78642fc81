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

interface Document {
  /** The version of the document. */
  readonly housekeep: 1
  /** The document as JSON: the bytes that every host gives. */
  toJson(): string
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

interface Explained extends Document {
  readonly kind: 'explanation'
  readonly rule: string
  readonly id: string
  /** The decision and its reason, in a sentence. */
  readonly sentence: string
}

/** What becomes of one row, by `decision`. */
export type Explanation =
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
  | (Explained & {
      readonly decision: 'absent'
      readonly why: 'unknown_id' | 'not_in_plan'
    })

/** Under these keys stand names that a user chose. */
const CHOSEN = new Set(['source', 'only', 'types'])

function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    CHOSEN.has(key) ? inner : camel(inner),
  ])
  return Object.fromEntries(entries)
}

/** The value, which nobody can change any more, to its depth. @internal */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen)
  return Object.freeze(value)
}

/** A document as the object it says. @internal */
export function answer<T extends Document>(json: string): T {
  const fields = camel(JSON.parse(json)) as T
  Object.defineProperty(fields, 'toJson', { value: () => json })
  return frozen(fields)
}
