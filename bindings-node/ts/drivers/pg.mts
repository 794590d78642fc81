// The CommonJS module again, so that there is one of each class whoever imports it.

export type * from './pg.cjs'
export { PgDatabase } from './pg.cjs'
