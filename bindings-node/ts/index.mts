// The CommonJS module again, so that there is one `HousekeepError` whoever imports it.

export type * from './index.cjs'
export { HealthReport, HealthState, HousekeepError, Plan, Policy } from './index.cjs'
