// What every driver does alike: the five calls, files, questions, and the order of the steps.

import { setTimeout as sleep } from 'node:timers/promises'

import { answer } from '../answer.cjs'
import { known, text } from '../check.cjs'
import { calling, translated } from '../error.cjs'
import { HealthReport } from '../health.cjs'
import { type MachineHandle, native, type Step } from '../native.cjs'
import { Plan } from '../plan.cjs'
import { Policy } from '../policy.cjs'
import { type Time, time } from '../time.cjs'
import type { Applied, Exported, Restored, Verification } from './answers.cjs'
import { Folder, type Location } from './folder.cjs'

/** A row: each column a text, or null. */
export type Row = (string | null)[]

/** What went wrong in a database: refused by the server, or the connection is gone. */
export type Trouble =
  | { readonly sqlstate: string; readonly message: string }
  | { readonly lost: string }

/** What a driver is: a connection, five functions, and what its errors say. @internal */
export interface Driver {
  begin(statement: string): Promise<void>
  exec(statement: string, params: Step['params']): Promise<Row[]>
  commit(): Promise<void>
  rollback(): Promise<void>
  reconnect(): Promise<void>
  close(): Promise<void>
  /** What an error says; nothing, if it is none of the database's. */
  trouble(error: unknown): Trouble | undefined
}

/** How the rows of a table are planned. */
export interface PlanTableOptions {
  /** The time it is asked at. */
  readonly now: Time
  /** Whether the plan of a retention rule also says what stays. */
  readonly decisions?: boolean
}

/** What is exported, and where to. */
export interface ExportOptions {
  /** The time it is asked at. */
  readonly now: Time
  /** The folder that it is written into, which must hold nothing yet. */
  readonly out: Location
  /** Only the rows that this plan drops. */
  readonly plan?: Plan
  /** Only rows from this time on. */
  readonly since?: Time
  /** Only so many rows, the newest. */
  readonly last?: number
}

/** How a plan is applied. */
export interface ApplyOptions {
  /** The time it is asked at. */
  readonly now: Time
  /**
   * The export that holds the rows. What is removed is written there too, into `apply-1` or the next number: `restore`
   * takes that folder as well.
   */
  readonly export?: Location
  /** `yes-delete`, or a function that is asked the question, and gives what was typed. */
  readonly confirm?: string | ((question: string) => string | Promise<string>)
  /** All of it, all of it and back, or only looking. */
  readonly way?: 'apply' | 'rehearse' | 'dryRun'
  /** So many rows of the plan in a transaction, and not all in one. */
  readonly batch?: number
  /** So many transactions at a time, each over a connection of its own; `batch` is 5,000 then, unless said. */
  readonly jobs?: number
  /** Leave rows where they are that are no longer as they were planned, and remove the others. */
  readonly skipChanged?: boolean
  /** How old the plan may be: `24h`, unless said otherwise. */
  readonly maxAge?: string
  /** The report that says that the checks are ok that the policy requires. */
  readonly health?: HealthReport | string
}

/** What is put back. */
export interface RestoreOptions {
  /** `yes-restore`; without it, it is only looked at. */
  readonly confirm?: 'yes-restore'
}

const PLAN_OPTIONS = ['now', 'decisions']
const EXPORT_OPTIONS = ['now', 'out', 'plan', 'since', 'last']
const APPLY_OPTIONS = [
  'now',
  'export',
  'confirm',
  'way',
  'batch',
  'jobs',
  'skipChanged',
  'maxAge',
  'health',
]
/** Steps that no driver has a part in. */
const OURS = new Set(['read', 'persist', 'confirm', 'sleep', 'together'])
const WAYS = ['apply', 'rehearse', 'dryRun']

/** A database that a driver connects to. Each call has a connection of its own. */
export class Database {
  readonly #connect: () => Promise<Driver>

  /** @internal */
  protected constructor(connect: () => Promise<Driver>) {
    this.#connect = connect
  }

  /** Plans over the rows of the rule's table. Nothing is deleted. */
  async plan(policy: Policy, rule: string, options: PlanTableOptions): Promise<Plan> {
    const { now, decisions = false } = known(options, PLAN_OPTIONS, 'the options')
    const handle = Policy.handle(policy)
    const name = text(rule, 'the rule')
    const made = calling(() => native.planMachine(handle, name, time(now), decisions))
    const found = await this.#run(made)
    if (found === null || typeof found === 'string') throw new TypeError('this is no plan')
    return Plan.of(found)
  }

  /** Writes the rule's table, and what hangs on it, into a folder: all, or what a plan drops. */
  async export(policy: Policy, rule: string, options: ExportOptions): Promise<Exported> {
    const { now, out, plan, since, last } = known(options, EXPORT_OPTIONS, 'the options')
    const terms = {
      rule: text(rule, 'the rule'),
      now: time(now),
      ...(since === undefined ? {} : { since: time(since, 'since') }),
      ...(last === undefined ? {} : { last }),
    }
    const dropped = plan ? Plan.handle(plan) : null
    const machine = calling(() => native.exportMachine(Policy.handle(policy), terms, dropped))
    return this.#document(machine, await Folder.forExport(out))
  }

  /** Removes what a plan drops, if the export holds it and `confirm` is `yes-delete`. */
  async apply(policy: Policy, plan: Plan, options: ApplyOptions): Promise<Applied> {
    const given = known(options, APPLY_OPTIONS, 'the options')
    const { way = 'apply', batch, jobs, skipChanged = false, maxAge, health, confirm = '' } = given
    if (!WAYS.includes(way)) throw new TypeError(`\`way\` is one of ${WAYS.join(', ')}`)
    if (way === 'apply' && given.export === undefined) {
      throw new TypeError("say where the export of the plan's rows is: `export`")
    }
    if (jobs !== undefined && !(Number.isInteger(jobs) && jobs > 0)) {
      throw new TypeError('`jobs` is a whole number above 0')
    }
    const report = health instanceof HealthReport ? health.toJson() : health
    const terms = {
      now: time(given.now),
      way,
      skipChanged,
      ...(batch === undefined ? {} : { batch }),
      ...(jobs === undefined ? {} : { jobs }),
      ...(maxAge === undefined ? {} : { maxAge }),
      ...(report === undefined ? {} : { health: report }),
    }
    const handle = Plan.handle(plan)
    const machine = calling(() => native.applyMachine(Policy.handle(policy), handle, terms))
    const folder =
      way === 'apply' && given.export !== undefined ? Folder.withRemovals(given.export) : undefined
    const asked = typeof confirm === 'function' ? confirm : () => confirm
    return this.#document(machine, folder, asked)
  }

  /** Says whether the rule's table is as the rule would leave it. */
  async verify(policy: Policy, rule: string, options: { now: Time }): Promise<Verification> {
    const { now } = known(options, ['now'], 'the options')
    const name = text(rule, 'the rule')
    return this.#document(
      calling(() => native.verifyMachine(Policy.handle(policy), name, time(now))),
    )
  }

  /** Puts back what the export in a folder holds and the database lacks, on `yes-restore`. */
  async restore(folder: Location, options: RestoreOptions = {}): Promise<Restored> {
    const { confirm } = known(options, ['confirm'], 'the options')
    if (confirm !== undefined && confirm !== 'yes-restore') {
      throw new TypeError('`confirm` is `yes-restore`, or not there to only look')
    }
    const machine = calling(() => native.restoreMachine(confirm !== undefined))
    return this.#document(machine, Folder.readOnly(folder))
  }

  async #document<T extends Applied | Exported | Restored | Verification>(
    machine: MachineHandle,
    folder?: Folder,
    confirm: (question: string) => string | Promise<string> = () => '',
  ): Promise<T> {
    const found = await this.#run(machine, folder, confirm)
    if (typeof found !== 'string') throw new TypeError('this is a plan')
    return answer<T>(found)
  }

  /** Does each step until there is none, and gives the answer. */
  async #run(
    machine: MachineHandle,
    folder?: Folder,
    confirm?: (question: string) => string | Promise<string>,
  ): Promise<ReturnType<MachineHandle['finish']>> {
    const driver = await this.#connect()
    try {
      await this.#carryOut(machine, driver, folder, confirm)
    } finally {
      await driver.close()
    }
    return calling(() => machine.finish())
  }

  async #carryOut(
    machine: MachineHandle,
    driver: Driver,
    folder?: Folder,
    confirm: (question: string) => string | Promise<string> = () => '',
    stop?: AbortSignal,
  ): Promise<void> {
    let thrown: { error: unknown } | undefined
    try {
      for (;;) {
        stop?.throwIfAborted()
        const step = await machine.nextStep()
        if (!step) break
        try {
          if (step.kind === 'together') await this.#together(step.machines, folder)
          await carryOut(step, machine, driver, folder, confirm)
        } catch (error) {
          // What a file or a person brings about is none of the database's.
          const trouble = OURS.has(step.kind) ? undefined : driver.trouble(error)
          if (!trouble) {
            // It is thrown in the end, once the machine has rolled back.
            thrown = { error }
            machine.failed(String(error))
          } else if ('lost' in trouble) machine.lost(trouble.lost)
          else machine.refused(trouble.sqlstate, trouble.message)
        }
      }
    } catch (error) {
      throw translated(error)
    } finally {
      await folder?.close()
    }
    if (thrown) throw thrown.error
  }

  /** Nothing is begun before all are connected; what one throws ends the others after their step. */
  async #together(machines: MachineHandle[], folder?: Folder): Promise<void> {
    const connected = await Promise.allSettled(machines.map(() => this.#connect()))
    const stop = new AbortController()
    const lane = async (machine: MachineHandle, driver: Driver): Promise<void> => {
      try {
        await this.#carryOut(machine, driver, folder?.beside(), undefined, stop.signal)
      } catch (error) {
        stop.abort(error)
        throw error
      }
    }
    const drivers = connected.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    try {
      const refused = connected.find(one => one.status === 'rejected')
      if (refused) throw refused.reason
      const lanes = drivers.map((driver, n) => lane(machines[n] as MachineHandle, driver))
      const failed = (await Promise.allSettled(lanes)).find(one => one.status === 'rejected')
      if (failed) throw failed.reason
    } finally {
      for (const driver of drivers) await driver.close()
    }
  }
}

async function carryOut(
  step: Step,
  machine: MachineHandle,
  driver: Driver,
  folder: Folder | undefined,
  confirm: (question: string) => string | Promise<string>,
): Promise<void> {
  const place = (): Folder => {
    if (!folder) throw new TypeError('say where the export is')
    return folder
  }
  switch (step.kind) {
    case 'exec':
      return machine.rows(await driver.exec(step.text, step.params))
    case 'read':
      return machine.bytes(await place().read(step.text))
    case 'confirm':
      return machine.answer(await confirm(step.text))
    case 'persist':
      await place().write(step)
      break
    case 'begin':
      await driver.begin(step.text)
      break
    case 'commit':
      await driver.commit()
      break
    case 'rollback':
      await driver.rollback()
      break
    case 'reconnect':
      await driver.reconnect()
      break
    case 'sleep':
      await sleep(step.millis)
      break
  }
  machine.done()
}
