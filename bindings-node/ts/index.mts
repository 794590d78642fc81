// The CommonJS module again, so that there is one `HousekeepError` whoever imports it.

export type * from './index.cjs'
export { HousekeepError, Plan, Policy } from './index.cjs'
