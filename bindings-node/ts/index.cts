// What the package gives, in CommonJS; `index.mts` gives the same to ES modules.

export type {
  Compare,
  Explanation,
  Keep,
  Mode,
  ModeCounts,
  Neighbour,
  Settings,
  Source,
  Sweep,
} from './answer.cjs'
export { type ErrorCode, type ErrorKind, HousekeepError } from './error.cjs'
export { type Drop, type Drops, type KeyValue, type Nearest, Plan, type Skipped } from './plan.cjs'
export {
  type AsyncOptions,
  type AsyncSweepOptions,
  type Options,
  Policy,
  type SweepOptions,
} from './policy.cjs'
export type { Column, Columns, Format, Rows, Value } from './rows.cjs'
export type { InstantLike, Time } from './time.cjs'
