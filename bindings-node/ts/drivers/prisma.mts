// The CommonJS module again, so that there is one of each class whoever imports it.

export type * from './prisma.cjs'
export { PrismaDatabase } from './prisma.cjs'
