// What the checks of the policy ask for.

import { statfs } from 'node:fs/promises'

import { find } from './files.mjs'

/** @import { Tools } from './service.mjs' */

const HOUR_MILLIS = 60 * 60 * 1000

/** @type {Record<string, (tools: Tools, now: Date) => Promise<import('housekeep').Metric>>} */
const METRICS = {
  /** As `df` has it: of what is not kept for root. */
  disk: async ({ home }) => {
    const { blocks, bfree, bavail } = await statfs(home)
    return { used: (100 * (blocks - bfree)) / (blocks - bfree + bavail) }
  },

  db: async ({ prisma }) => {
    /** @type {{ bytes: number, connections: number }[]} */
    const [db] = await prisma.$queryRaw`
      SELECT pg_database_size(current_database())::float8 AS bytes,
             100.0::float8 * count(*) / current_setting('max_connections')::int AS connections
      FROM pg_stat_activity WHERE backend_type = 'client backend'`
    return db
  },

  /** Those that were used in the last hour. */
  active_sessions: ({ prisma }, now) =>
    prisma.userSession.count({ where: { updatedAt: { gt: new Date(+now - HOUR_MILLIS) } } }),

  temp: async ({ policy, home }) => {
    const { rows } = await find(policy, 'temp', home)
    return { files: rows.length, bytes: rows.reduce((sum, { size }) => sum + Number(size), 0) }
  },

  /** When the last file but one was left for the newest. */
  logs_rotated_at: async ({ policy, home }) => {
    const { rows } = await find(policy, 'logs', home)
    return rows.map(({ mtime }) => mtime).sort((a, b) => +b - +a)[1]
  },
}

/**
 * Measures everything. What cannot be measured is left out: the policy says what that means.
 *
 * @param {Tools} tools
 * @param {Date} now
 */
export async function measure(tools, now) {
  /** @type {Record<string, import('housekeep').Metric>} */
  const metrics = {}
  for (const [name, metric] of Object.entries(METRICS)) {
    try {
      metrics[name] = await metric(tools, now)
    } catch (error) {
      tools.log.error(`${name} cannot be measured: ${error.message}`)
    }
  }
  return metrics
}
