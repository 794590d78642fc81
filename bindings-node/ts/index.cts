// What the package gives, in CommonJS; `index.mts` gives the same to ES modules.

export type {
  Compare,
  DedupeExplanation,
  Explanation,
  Keep,
  KeyValue,
  Mode,
  ModeCounts,
  Neighbour,
  Reason,
  Reasons,
  RemovalWhy,
  RetentionExplanation,
  Settings,
  Source,
  StayWhy,
  Sweep,
} from './answer.cjs'
export { type ErrorCode, type ErrorKind, HousekeepError } from './error.cjs'
export {
  Fleet,
  type FleetRow,
  Screening,
  type StatusCounts,
  type Statuses,
} from './fleet.cjs'
export {
  type Action,
  type Call,
  type CheckReport,
  type Escalation,
  type Evaluation,
  type GroupReport,
  HealthReport,
  HealthState,
  type Level,
  type Pending,
  type Status,
  type Word,
} from './health.cjs'
export type { Measurement, Metric, Metrics, Snapshot } from './metrics.cjs'
export {
  type Drop,
  type Drops,
  type Duplicate,
  type Entries,
  type Group,
  type Keeps,
  type Nearest,
  type OldestKept,
  Plan,
  type Removal,
  type Skipped,
  type Stay,
} from './plan.cjs'
export {
  type AcknowledgeOptions,
  type AsyncFleetOptions,
  type AsyncOptions,
  type AsyncPlanOptions,
  type AsyncSweepOptions,
  type EvaluateOptions,
  type FleetOptions,
  type MuteOptions,
  type Options,
  type PlanOptions,
  Policy,
  type ResumeOptions,
  type SweepOptions,
} from './policy.cjs'
export type { Column, Columns, Format, Rows, Value } from './rows.cjs'
export type { InstantLike, Time } from './time.cjs'
