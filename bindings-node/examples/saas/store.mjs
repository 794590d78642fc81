// What is remembered, in the database that is maintained: of each run, of what is healthy, and of
// alerts that nobody has received yet.

import { HealthState } from 'housekeep'

/** @import { Schedule, ScheduleEvent, ScheduleState, RecordOptions } from 'housekeep' */

const SCHEDULES = 'maintenance.schedules'
const RUNS = 'maintenance.runs'
const TABLES = `
  CREATE SCHEMA IF NOT EXISTS maintenance;
  CREATE TABLE ${SCHEDULES} (name text PRIMARY KEY, since text NOT NULL);
  CREATE TABLE ${RUNS} (
    schedule text, slot text, run json NOT NULL, keep_until timestamptz NOT NULL,
    PRIMARY KEY (schedule, slot)
  );
  CREATE TABLE maintenance.health (one boolean PRIMARY KEY CHECK (one), state json NOT NULL);
  CREATE TABLE maintenance.alerts (
    no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, alert json NOT NULL
  );`

/** Our locks are of two numbers. Those of housekeep's own apply are of one, and never the same. */
const OWN = "hashtext('maintenance')"
const LOCK = `SELECT pg_try_advisory_lock(${OWN}, hashtext($1)) AS held`

const PATIENCE_MILLIS = 30_000

/** A host that vanishes loses its locks within a minute; one that is busy for hours keeps them. */
const SETTINGS = `
  SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
  SET idle_session_timeout = 0;`

/**
 * A connection that holds a lock, so that what it stands for is done by this copy alone. The server
 * frees the lock the moment the connection, or this process, is gone. So all that is remembered is
 * written by the same connection: a copy that has lost the lock can write nothing any more.
 */
export class Seat {
  #client
  #lost = new AbortController()
  #isHeld = false

  /** @param {import('pg').Client} client one that is not connected yet */
  constructor(client) {
    this.#client = client
    const lose = () => this.#lost.abort(new Error('the connection that holds the lock is lost'))
    client.on('error', lose)
    client.on('end', lose)
  }

  /** When the lock is lost. */
  get lost() {
    return this.#lost.signal
  }

  /** Connects, and makes the tables if there are none. */
  async open() {
    await this.#client.connect()
    await this.#client.query(SETTINGS)
    // Copies that start at once would get into each other's way.
    await this.#query(`SELECT pg_advisory_lock(${OWN}, 0)`)
    const [{ found }] = await this.#query("SELECT to_regclass('maintenance.alerts') AS found")
    if (found === null) await this.#client.query(TABLES)
    await this.#query(`SELECT pg_advisory_unlock(${OWN}, 0)`)
  }

  /** Lets go of the lock. */
  leave() {
    this.#client.end().catch(() => {})
  }

  /**
   * Whether it holds a lock, which it takes if it is free. It is asked again and again: a statement
   * that waits would keep VACUUM from clearing up all the while.
   *
   * @param {string} name
   */
  async holds(name) {
    this.#isHeld ||= (await this.#query(LOCK, [name]))[0].held
    return this.#isHeld
  }

  /**
   * What is remembered of a schedule, which begins when it is first asked.
   *
   * @param {Schedule} schedule
   * @param {Date} now
   * @returns {Promise<ScheduleState>}
   */
  async load(schedule, now) {
    const { name } = schedule
    const [begun] = await this.#query(`SELECT since FROM ${SCHEDULES} WHERE name = $1`, [name])
    if (!begun) {
      const { since } = schedule.begin({ now })
      const begin = `INSERT INTO ${SCHEDULES} VALUES ($1, $2) ON CONFLICT DO NOTHING`
      await this.#query(begin, [name, since])
      return this.load(schedule, now)
    }
    // By both clocks: what one that is wrong forgets would run again.
    const forget = `DELETE FROM ${RUNS} WHERE schedule = $1 AND keep_until < least($2, now())`
    await this.#query(forget, [name, now])
    const rows = await this.#query(`SELECT slot, run::text FROM ${RUNS} WHERE schedule = $1`, [
      name,
    ])
    return rows.reduce(
      (state, { slot, run }) => schedule.withRun(state, slot, run),
      schedule.state(begun.since),
    )
  }

  /**
   * Remembers what happened to a run, and gives what is remembered now.
   *
   * @param {Schedule} schedule
   * @param {ScheduleState} before
   * @param {ScheduleEvent} event
   * @param {string} of a slot or a claim
   * @param {RecordOptions} options
   */
  async record(schedule, before, event, of, options) {
    const after = schedule.record(before, event, of, options)
    const { slot, keepUntil } = schedule.keepUntil(of)
    await this.#query(
      `INSERT INTO ${RUNS} VALUES ($1, $2, $3, $4)
       ON CONFLICT (schedule, slot) DO UPDATE SET run = excluded.run, keep_until = excluded.keep_until`,
      [schedule.name, slot, schedule.runJson(after, slot), keepUntil],
    )
    return after
  }

  /** What the last evaluation gave. */
  async health() {
    const [kept] = await this.#query('SELECT state::text FROM maintenance.health')
    return kept && HealthState.fromJson(kept.state)
  }

  /**
   * Remembers what an evaluation gave, together with the alerts that are to be sent: neither is
   * there without the other.
   *
   * @param {HealthState} state
   * @param {object[]} alerts
   */
  async keepHealth(state, alerts) {
    await this.#query(
      `WITH queued AS (INSERT INTO maintenance.alerts (alert) SELECT json_array_elements($2::json))
       INSERT INTO maintenance.health VALUES (true, $1)
       ON CONFLICT (one) DO UPDATE SET state = excluded.state`,
      [state.toJson(), JSON.stringify(alerts)],
    )
  }

  /** The alerts that are to be sent, the oldest first, each as JSON. */
  async alerts() {
    return this.#query('SELECT no, alert::text FROM maintenance.alerts ORDER BY no')
  }

  /** @param {string} no that of an alert, which was received */
  async sent(no) {
    await this.#query('DELETE FROM maintenance.alerts WHERE no = $1', [no])
  }

  /**
   * @param {string} text
   * @param {unknown[]} values
   */
  async #query(text, values = []) {
    // A network that is gone may say nothing for hours.
    const query = { text, values, query_timeout: PATIENCE_MILLIS }
    return (await this.#client.query(query)).rows
  }
}
