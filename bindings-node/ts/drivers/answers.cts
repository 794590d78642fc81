// What came of rows of a database: core's documents, typed.

import type { Document } from '../answer.cjs'

/** Rows of a table, which is named with its schema. */
export interface TableCount {
  readonly table: string
  readonly rows: number
}

/** What came of applying a plan. */
export interface Applied extends Document {
  readonly kind: 'applied'
  readonly rule: string
  readonly planSha256: string
  readonly database: string
  readonly table: string
  readonly outcome: 'dry_run' | 'rehearsed' | 'applied' | 'already_applied'
  /** Rows that the plan drops. */
  readonly planned: number
  /** Of those, that had gone before. */
  readonly gone: number
  /** Of those, that were left where they are, as they are no longer as they were planned. */
  readonly changed: number
  /** Rows that went, by table: children first. Of a dry run, that would go. */
  readonly removed: readonly TableCount[]
  /** How many of the last rows had failed, where the policy says which column tells. */
  readonly outcomes: {
    readonly of: number
    readonly failedBefore: number
    readonly failedPredicted: number
    readonly failedAfter: number | null
  } | null
  readonly transactions: readonly string[]
  /** Where what was removed is kept, in the folder of this apply; null where nothing was. */
  readonly manifest: string | null
  readonly warnings: readonly string[]
  /** What would be run, of a dry run. */
  readonly statements: readonly string[]
}

/** What came of an export: rows by table, parents first. */
export interface Exported extends Document {
  readonly kind: 'exported'
  readonly database: string
  readonly table: string
  readonly planSha256: string | null
  readonly tables: readonly TableCount[]
}

/** What came of restoring an export: rows by table, parents first. */
export interface Restored extends Document {
  readonly kind: 'restored'
  readonly database: string
  /** Whether nothing was done yet. */
  readonly isDry: boolean
  readonly tables: readonly {
    readonly table: string
    readonly restored: number
    readonly identical: number
  }[]
}

/** What a verification finds. */
export interface Verification extends Document {
  readonly kind: 'verified'
  readonly rule: string
  readonly database: string
  readonly table: string
  readonly rows: number
  /** Rows that the rule would drop: none are expected after a plan was applied. */
  readonly drops: number
  /** Keys, or groups, that have several rows: for information. */
  readonly several: number
  /** The keys, or groups, with the most rows. */
  readonly top: readonly { readonly key: string | null; readonly rows: number }[]
  /** Rows of children that point to nothing, by table. */
  readonly orphans: readonly TableCount[]
  /** What makes each index that is expected and missing. */
  readonly missingIndexes: readonly string[]
}
