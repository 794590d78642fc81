// The service: it runs what is due, makes up for what was missed, and looks how everything is.

import { setTimeout as sleep } from 'node:timers/promises'

import { watch } from './alerts.mjs'
import { Seat } from './store.mjs'

/**
 * @import { Offer, Schedule, ScheduleState } from 'housekeep'
 * @import { Job, Work } from './jobs.mjs'
 *
 * @typedef {Omit<Work, 'now' | 'claim' | 'signal'> & { now: () => Date }} Tools
 *
 * @typedef {object} Pauses in milliseconds
 * @property {number} beat between two looks at what is due
 * @property {number} retry after a run that failed: what it needs may be back by then
 * @property {number} every between two looks at how everything is
 */

/** Runs the schedules of a policy, one run of each at a time. */
export class Service {
  #tools
  #jobs
  #pauses
  #stop
  #schedules

  /**
   * @param {Tools} tools
   * @param {Record<string, Job>} jobs
   * @param {Pauses} pauses
   * @param {AbortSignal} stop
   */
  constructor(tools, jobs, pauses, stop) {
    this.#tools = tools
    this.#jobs = jobs
    this.#pauses = pauses
    this.#stop = stop
    const { policy } = tools
    const names = policy.rules.filter(rule => rule.startsWith('schedule.'))
    this.#schedules = names.map(name => policy.schedule(name))
    const named = this.#schedules.flatMap(({ tasks, name }) => (tasks.length > 0 ? tasks : [name]))
    const unknown = named.filter(name => !Object.hasOwn(jobs, name))
    if (unknown.length > 0) {
      const known = Object.keys(jobs).join(', ')
      throw new Error(
        `the policy names tasks that are no jobs: ${unknown.join(', ')}; jobs are ${known}`,
      )
    }
  }

  /** Runs what is due, until it is told to stop. */
  async run() {
    const { beat, every } = this.#pauses
    const runs = this.#schedules.map(schedule =>
      this.#keep(`schedule ${schedule.name}`, beat, seat => this.#turn(schedule, seat)),
    )
    if (this.#tools.policy.rules.some(rule => /^(check|slo)\./.test(rule))) {
      const health = this.#keep('health', every, async seat => {
        const signal = AbortSignal.any([this.#stop, seat.lost])
        await watch(this.#tools, seat, this.#schedules, signal)
        return every
      })
      runs.push(health)
    }
    await Promise.all(runs)
  }

  /**
   * Does something again and again, in one copy of all, whatever goes wrong.
   *
   * @param {string} name
   * @param {number} pause after something went wrong
   * @param {(seat: Seat) => Promise<number>} turn gives how long to wait for the next
   */
  async #keep(name, pause, turn) {
    while (!this.#stop.aborted) {
      const seat = new Seat(this.#tools.client())
      try {
        await seat.open()
        while (!this.#stop.aborted) {
          await this.#pause((await seat.holds(name)) ? await turn(seat) : this.#pauses.beat)
        }
      } catch (error) {
        if (!this.#stop.aborted) {
          this.#tools.log.error(`${name}: it will be tried again: ${error.stack}`)
        }
      } finally {
        seat.leave()
      }
      await this.#pause(pause)
    }
  }

  /** @param {number} millis */
  async #pause(millis) {
    await sleep(millis, undefined, { signal: this.#stop }).catch(() => {})
  }

  /**
   * Does the first thing that is to be done, and gives how long to wait for the next.
   *
   * @param {Schedule} schedule
   * @param {Seat} seat
   */
  async #turn(schedule, seat) {
    const { log } = this.#tools
    const now = this.#tools.now()
    const state = await seat.load(schedule, now)
    const { running, runs } = schedule.missed(state, { now })
    const [left] = running
    if (left) {
      // Nobody else holds the lock, and this copy does one run at a time.
      log.warn(`${left.claim}: whoever ran it is gone`)
      await seat.record(schedule, state, 'abandoned', left.claim, { now })
      return 0
    }
    const due = schedule.due(state, { now })
    if (due.due === 'notice') {
      log.warn(due.sentence)
      await seat.record(schedule, state, 'noticed', due.notice.slot, { now })
      return 0
    }
    // What was missed came before what is due now.
    const [offer] = due.due === 'run' ? [...runs, due.run] : runs
    if (!offer || this.#isTooSoon(state, offer, now)) return this.#pauses.beat
    const started = await seat.record(schedule, state, 'started', offer.claim, { now })
    log.info(`${offer.claim}: started: ${offer.sentence}`)
    await this.#work(schedule, seat, started, offer)
    return 0
  }

  /**
   * Whether it failed a moment ago.
   *
   * @param {ScheduleState} state
   * @param {Offer} offer
   * @param {Date} now
   */
  #isTooSoon({ runs }, { slot }, now) {
    const before = runs[slot.slice(slot.indexOf('/') + 1)]
    if (before?.state !== 'failed' || before.completedAt === undefined) return false
    const passed = +now - +new Date(before.completedAt)
    return passed >= 0 && passed < this.#pauses.retry
  }

  /**
   * Does the tasks of a run that has started: those that have not succeeded before.
   *
   * @param {Schedule} schedule
   * @param {Seat} seat
   * @param {ScheduleState} state
   * @param {Offer} offer
   */
  async #work(schedule, seat, state, { claim, tasks = [] }) {
    const { log, now } = this.#tools
    let success = true
    try {
      const hasTasks = schedule.tasks.length > 0
      for (const task of hasTasks ? tasks : [schedule.name]) {
        const isDone = await this.#attempt(task, claim, seat)
        success &&= isDone
        if (hasTasks) {
          const outcome = { now: now(), task, success: isDone }
          state = await seat.record(schedule, state, 'task', claim, outcome)
        }
      }
    } catch (error) {
      if (!this.#stop.aborted) throw error
      await seat.record(schedule, state, 'abandoned', claim, { now: now() })
      log.warn(`${claim}: abandoned`)
      return
    }
    await seat.record(schedule, state, 'finished', claim, { now: now(), success })
    log.info(`${claim}: ${success ? 'done' : 'failed'}`)
  }

  /**
   * Does a task, and gives whether it succeeded. If the service is to stop, it is left.
   *
   * @param {string} task
   * @param {string} claim
   * @param {Seat} seat
   */
  async #attempt(task, claim, seat) {
    this.#stop.throwIfAborted()
    const { log, now } = this.#tools
    // A copy that has lost the lock tells its job to end, and waits until it has.
    const signal = AbortSignal.any([this.#stop, seat.lost])
    try {
      const job = this.#jobs[task]?.({ ...this.#tools, now: now(), claim, signal })
      await unlessStopped(Promise.resolve(job), this.#stop)
      return true
    } catch (error) {
      this.#stop.throwIfAborted()
      log.error(`${claim}: ${task} failed: ${error.stack}`)
      return false
    }
  }
}

/**
 * Waits for some work, or until it is to stop.
 *
 * @param {Promise<unknown>} work
 * @param {AbortSignal} stop
 */
function unlessStopped(work, stop) {
  return new Promise((resolve, reject) => {
    const leave = () => reject(stop.reason)
    stop.addEventListener('abort', leave)
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', leave))
  })
}
