// Alerts: what was measured is evaluated, and what comes of it is done, remembered and told.

import { ACTIONS } from './jobs.mjs'
import { measure } from './measure.mjs'

/**
 * @import { Seat } from './store.mjs'
 * @import { Tools } from './service.mjs'
 */

const PATIENCE_MILLIS = 10_000

/**
 * Looks once how everything is.
 *
 * @param {Tools} tools
 * @param {Seat} seat
 * @param {import('housekeep').Schedule[]} schedules
 * @param {AbortSignal} signal
 */
export async function watch(tools, seat, schedules, signal) {
  const { policy, log } = tools
  const now = tools.now()
  /** @type {Record<string, number>} */
  const gaveUp = {}
  for (const schedule of schedules) {
    const state = await seat.load(schedule, now)
    gaveUp[schedule.name] = schedule.missed(state, { now }).gaveUp.length
  }
  const metrics = { ...(await measure(tools, now)), gave_up: gaveUp }
  const { report, state } = policy.evaluate(metrics, await seat.health(), { now })
  for (const { id, why, action } of report.actions) {
    log.warn(action === null ? why : `${why}: ${action}`)
    if (action === null || !Object.hasOwn(ACTIONS, action)) continue
    // It is done before it is remembered, so that it is done whatever becomes of this copy.
    await ACTIONS[action]?.({ ...tools, now, claim: id, signal }).catch(error =>
      log.error(`${id}: ${action} failed: ${error.message}`),
    )
  }
  const webhook = process.env.ALERT_WEBHOOK
  const alerts = report.actions.map(action => ({ text: action.why, at: report.at, ...action }))
  await seat.keepHealth(state, webhook ? alerts : [])
  if (webhook) await send(webhook, seat, signal)
}

/**
 * Sends what was not received yet, the oldest first. What fails is sent again the next time: an
 * alert may come twice, with the same `id`.
 *
 * @param {string} webhook
 * @param {Seat} seat
 * @param {AbortSignal} signal
 */
async function send(webhook, seat, signal) {
  for (const { no, alert } of await seat.alerts()) {
    const answer = await fetch(webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: alert,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MILLIS)]),
    })
    if (!answer.ok) throw new Error(`the webhook answers with ${answer.status}`)
    await seat.sent(no)
  }
}
