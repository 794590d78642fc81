// The CommonJS module again, so that there is one `HousekeepError` whoever imports it.

export type * from './index.cjs'
export {
  Fleet,
  HealthReport,
  HealthState,
  HousekeepError,
  Plan,
  Policy,
  Schedule,
  ScheduleState,
  Screening,
} from './index.cjs'
