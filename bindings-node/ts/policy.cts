// The policy, and what can be asked of its rules.

import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'

import {
  answer,
  type Compare,
  type Explanation,
  type Source,
  type Statements,
  type Sweep,
} from './answer.cjs'
import { described, known, text } from './check.cjs'
import { calling, translated } from './error.cjs'
import { readText } from './file.cjs'
import { Fleet, Screener, type Screening } from './fleet.cjs'
import { bytesOf, type Evaluation, evaluation, HealthReport, HealthState } from './health.cjs'
import { metrics, type Snapshot } from './metrics.cjs'
import {
  type Answer,
  type Ask,
  type FleetHandle,
  native,
  type PlanHandle,
  type PolicyHandle,
  type Terms,
} from './native.cjs'
import { idText, Plan } from './plan.cjs'
import { type Format, feed, later, now, type Rows } from './rows.cjs'
import { Schedule } from './schedule.cjs'
import { type Time, time } from './time.cjs'

/** How a rule is asked. */
export interface Options {
  /** The time it is asked at: housekeep has no clock of its own. */
  readonly now: Time
  /** Where the rows came from; part of the answer. */
  readonly source?: Source
  /** What rows given as bytes or text are in. Told from them, but for CSV, if not said. */
  readonly format?: Format
  /** On how many threads the decision is made; one, if not said. It never changes the answer. */
  readonly threads?: number
}

/** How a rule is asked, off the event loop. */
export interface AsyncOptions extends Options {
  /** Stops it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal
}

interface Decisions {
  /**
   * Whether the plan of a retention rule also says what stays, why, and until when, as
   * {@link Plan.keeps}. The plan of a dedupe rule cannot say it.
   */
  readonly decisions?: boolean
}

/** How a plan is asked for. */
export interface PlanOptions extends Options, Decisions {}
/** How a plan is asked for, off the event loop. */
export interface AsyncPlanOptions extends AsyncOptions, Decisions {}

interface Windows {
  /** The windows to try, such as `10m`; some are chosen from the data, if not said. */
  readonly windows?: readonly string[]
}

/** How a sweep is asked. */
export interface SweepOptions extends Options, Windows {}
/** How a sweep is asked, off the event loop. */
export interface AsyncSweepOptions extends AsyncOptions, Windows {}

/** How checks are evaluated. */
export interface EvaluateOptions {
  /** The time it is asked at: housekeep has no clock of its own. */
  readonly now: Time
}

/** How a rule is said in SQL. */
export interface StatementsOptions extends EvaluateOptions {
  /** How many rows one delete removes at most; 1000, unless said otherwise. */
  readonly batch?: number
}

/** How somebody says that they are on a check. */
export interface AcknowledgeOptions extends EvaluateOptions {
  /** The instance, of a check that has some. */
  readonly instance?: string
}

/** How a host goes on that was down. */
export interface ResumeOptions extends EvaluateOptions {
  /** How long it may have been down, such as `1h`, which it is unless said otherwise. */
  readonly tolerance?: string
  /** How long it looks on before anything is raised: `10m`, unless said otherwise. */
  readonly grace?: string
}

/** In which time nobody is told of some checks. */
export interface MuteOptions {
  /** When it begins. */
  readonly from: Time
  /** When it ends: it is over at this time. */
  readonly until: Time
}

/** How many snapshots are asked about. */
export interface FleetOptions extends Omit<Options, 'source'> {}
/** How many snapshots are asked about, off the event loop. */
export interface AsyncFleetOptions extends Omit<AsyncOptions, 'source'> {}

const FLEET_OPTIONS = ['now', 'format', 'threads']
const OPTIONS = ['now', 'source', 'format', 'threads']
const PLAN_OPTIONS = [...OPTIONS, 'decisions']
const SWEEP_OPTIONS = [...OPTIONS, 'windows']
/** Of any question; which one has which is checked again. */
const ASYNC_OPTIONS = [...SWEEP_OPTIONS, 'decisions', 'signal']

/** A question, ready for its rows. */
interface Question {
  readonly ask: Ask
  readonly rows: unknown
  readonly format: string | undefined
}

/** A policy that was read and found sound. It never changes. */
export class Policy {
  readonly #handle: PolicyHandle
  #screener: Screener | undefined

  private constructor(handle: PolicyHandle) {
    this.#handle = handle
  }

  /** What the native module knows it by. @internal */
  static handle(policy: Policy): PolicyHandle {
    return policy.#handle
  }

  /**
   * Reads a policy file: JSON if its name ends in `.json`, else TOML.
   *
   * @throws {HousekeepError} `policy.*`; what cannot be read is Node's own error.
   */
  static fromFile(path: string | URL): Policy {
    const name = path instanceof URL ? fileURLToPath(path) : path
    const syntax = native.syntaxOfFile(name)
    return Policy.parse(readText(name), syntax)
  }

  /**
   * Reads a policy from text.
   *
   * @throws {HousekeepError} `policy.*`, with the path, line and column.
   */
  static parse(policy: string, format: 'toml' | 'json' = 'toml'): Policy {
    if (format !== 'toml' && format !== 'json') {
      throw new TypeError(
        `the format of a policy is \`toml\` or \`json\`, and not ${String(format)}`,
      )
    }
    const given = text(policy, 'the policy')
    return calling(() => new Policy(native.parsePolicy(given, format === 'json')))
  }

  /**
   * Takes a policy that is in memory, say as a part of a larger configuration.
   *
   * @throws {HousekeepError} `policy.*`, with the path.
   */
  static from(document: object): Policy {
    if (typeof document !== 'object' || document === null) {
      throw new TypeError(`the policy is ${described(document)}, and not an object`)
    }
    const json = JSON.stringify(document, plain)
    return calling(() => new Policy(native.policyFromDocument(json)))
  }

  /** The JSON Schema of a policy, for editors and other tools. */
  static schema(): string {
    return calling(() => native.policySchema())
  }

  /** The names of the rules, each with its family: `dedupe.runs`. */
  get rules(): string[] {
    return calling(() => this.#handle.rules())
  }

  /** The names of the rules as a JSON document. */
  toJson(): string {
    return calling(() => this.#handle.toJson())
  }

  /**
   * A rule as statements of PostgreSQL 15 or newer, for your own driver. They drop what
   * {@link Policy.plan} would drop of the same rows at the same moment.
   *
   * @throws {HousekeepError} `policy.no_sql` for a rule of no table, or with keep rules.
   */
  statements(rule: string, options: StatementsOptions): Statements {
    const { now: at, batch } = known(options, ['now', 'batch'], 'the options')
    const name = text(rule, 'the rule')
    return answer(calling(() => this.#handle.statements(name, time(at), batch)))
  }

  /**
   * The checks as alerting rules for Prometheus 2.42 or newer, in YAML. Comments say what Prometheus
   * does in another way, and what is left out.
   *
   * @throws {HousekeepError} `policy.unknown_rule` for a policy without checks.
   */
  toPrometheus(): string {
    return calling(() => this.#handle.toPrometheus())
  }

  /**
   * What `promtool test rules` holds those rules to, in YAML: series that are made for each check,
   * and what {@link Policy.evaluate} raises of them. `rulesFile` is where the rules are, as seen
   * from the file of the tests.
   *
   * @throws {HousekeepError} `policy.unknown_rule` for a policy without checks.
   */
  toPrometheusTests(rulesFile = 'rules.yml'): string {
    const name = text(rulesFile, 'the file of the rules')
    return calling(() => this.#handle.toPrometheusTests(name))
  }

  /**
   * The same policy with settings of a rule changed, to see what would be different.
   *
   * A setting is `key=value`, such as `window=60m` or `only.status=["done"]`; the value `none`
   * takes it away.
   *
   * @throws {HousekeepError} `policy.*`
   */
  replace(rule: string, ...settings: string[]): Policy {
    const name = text(rule, 'the rule')
    const change = (handle: PolicyHandle, setting: string) =>
      handle.with(name, text(setting, 'a setting'))
    return calling(() => new Policy(settings.reduce(change, this.#handle)))
  }

  /**
   * Plans: which rows go, and why. Nothing is deleted.
   *
   * @throws {HousekeepError} `plan.guard` if it would drop more than the rule allows; `rows.*`;
   * `policy.conflict` for `decisions` of a dedupe rule.
   */
  plan(rule: string, rows: Rows, options: PlanOptions): Plan {
    return planned(answered(() => this.#plan(rule, rows, options)))
  }

  /** {@link Policy.plan}, off the event loop. The rows must not change until it settles. */
  async planAsync(rule: string, rows: Rows, options: AsyncPlanOptions): Promise<Plan> {
    return planned(await eventually(options, o => this.#plan(rule, rows, o)))
  }

  /**
   * What each window of a dedupe rule would drop in each mode, before anyone widens one.
   *
   * @throws {HousekeepError} `rows.*`, `policy.*` for a window that is none.
   */
  sweep(rule: string, rows: Rows, options: SweepOptions): Sweep {
    return said(answered(() => this.#sweep(rule, rows, options)))
  }

  /** {@link Policy.sweep}, off the event loop. The rows must not change until it settles. */
  async sweepAsync(rule: string, rows: Rows, options: AsyncSweepOptions): Promise<Sweep> {
    return said(await eventually(options, o => this.#sweep(rule, rows, o)))
  }

  /**
   * The ids on which the dedupe rule and that of another policy differ over the same rows.
   *
   * @throws {HousekeepError} `policy.conflict` if the two read other columns; `rows.*`.
   */
  compare(rule: string, rows: Rows, other: Policy, options: Options): Compare {
    return said(answered(() => this.#compare(rule, rows, other, options)))
  }

  /** {@link Policy.compare}, off the event loop. The rows must not change until it settles. */
  async compareAsync(
    rule: string,
    rows: Rows,
    other: Policy,
    options: AsyncOptions,
  ): Promise<Compare> {
    return said(await eventually(options, o => this.#compare(rule, rows, other, o)))
  }

  /**
   * What becomes of the row with this id, and why: for rows that go, stay or are left alone.
   *
   * @throws {HousekeepError} `rows.*`
   */
  explain(rule: string, rows: Rows, id: string | number | bigint, options: Options): Explanation {
    return said(answered(() => this.#explain(rule, rows, id, options)))
  }

  /** {@link Policy.explain}, off the event loop. The rows must not change until it settles. */
  async explainAsync(
    rule: string,
    rows: Rows,
    id: string | number | bigint,
    options: AsyncOptions,
  ): Promise<Explanation> {
    return said(await eventually(options, o => this.#explain(rule, rows, id, o)))
  }

  /**
   * How everything is, by what was measured and what is remembered; and what to remember next.
   *
   * Without `state`, which the last evaluation gave, nothing is remembered.
   *
   * @throws {HousekeepError} `metrics.*`, with the path of the metric; `policy.*` for a policy without
   * checks.
   */
  evaluate(snapshot: Snapshot, options: EvaluateOptions): Evaluation
  evaluate(
    snapshot: Snapshot,
    state: HealthState | null | undefined,
    options: EvaluateOptions,
  ): Evaluation
  evaluate(snapshot: Snapshot, ...rest: [unknown, unknown?]): Evaluation {
    const [state, options] = rest.length === 1 ? [undefined, rest[0]] : rest
    const { now } = known(options as EvaluateOptions, ['now'], 'the options')
    const handle = HealthState.handle(state)
    const given = metrics(snapshot)
    return calling(() => evaluation(native.evaluate(this.#handle, given, handle, time(now))))
  }

  /**
   * Which thresholds one snapshot meets, with nothing remembered: as if all gates were open. What no
   * check reads may be anything.
   *
   * @throws {HousekeepError} `metrics.*`, with the path of the metric; `policy.*` for a policy without
   * checks.
   */
  screen(snapshot: Snapshot, options: EvaluateOptions): Screening {
    const { now } = known(options, ['now'], 'the options')
    return calling(() => {
      this.#screener ??= new Screener(this.#handle)
      return this.#screener.screen(snapshot, time(now))
    })
  }

  /**
   * Which thresholds each of many snapshots meets, one a row, with nothing remembered.
   *
   * A column has the name of a metric, dots and all; one that is not there is a metric that is missing.
   * Integers are microseconds since 1970 where an instant is asked for. The column `id`, if there is
   * one, says what a row is called.
   *
   * @throws {HousekeepError} `rows.*`; `policy.*` for a policy without checks.
   */
  screenFleet(rows: Rows, options: FleetOptions): Fleet {
    return screened(answered(() => this.#fleet(rows, options)))
  }

  /** {@link Policy.screenFleet}, off the event loop. The rows must not change until it settles. */
  async screenFleetAsync(rows: Rows, options: AsyncFleetOptions): Promise<Fleet> {
    return screened(await eventually(options, o => this.#fleet(rows, o)))
  }

  #fleet(rows: Rows, options: FleetOptions): Question {
    const { now, threads } = known(options, FLEET_OPTIONS, 'the options')
    const given = whole(threads)
    const ask = native.askFleet(this.#handle, time(now), given)
    return { ask, rows, format: options.format }
  }

  /**
   * The same state, in which somebody is on a check, or on one instance of it: nobody else is called,
   * and it is not told again, until it gets worse or is raised anew.
   *
   * @throws {HousekeepError} `policy.unknown_rule` for a check that there is not; `state.not_raised`,
   * with those that are raised.
   */
  acknowledge(
    state: HealthState | null | undefined,
    check: string,
    options: AcknowledgeOptions,
  ): HealthState {
    const { now, instance } = known(options, ['now', 'instance'], 'the options')
    const handle = HealthState.handle(state)
    const name = text(check, 'the check')
    const own = instance === undefined ? null : text(instance, 'the instance')
    return calling(() =>
      HealthState.of(native.acknowledge(this.#handle, handle, name, own, time(now))),
    )
  }

  /**
   * The same state, in which nobody is told of some checks for a time. They are evaluated as ever, and
   * what is still so at the end is told then. It takes the place of an earlier one of the same names.
   *
   * @param names - Checks and groups, or `*` for all.
   * @throws {HousekeepError} `policy.unknown_rule` for a name that is no check's and no group's;
   * `state.bad_mute` where nothing is named, or it ends before it begins.
   */
  mute(
    state: HealthState | null | undefined,
    names: string | readonly string[],
    options: MuteOptions,
  ): HealthState {
    const { from, until } = known(options, ['from', 'until'], 'the options')
    const handle = HealthState.handle(state)
    if (typeof names !== 'string' && !Array.isArray(names)) {
      throw new TypeError(`the names are ${described(names)}, and not a text or an array of them`)
    }
    const of = Array.from(typeof names === 'string' ? [names] : names, name => text(name, 'a name'))
    const [begin, end] = [time(from, 'from'), time(until, 'until')]
    return calling(() => HealthState.of(native.mute(this.#handle, handle, of, begin, end)))
  }

  /**
   * The same state, taken over from before the host was down: since the last evaluation. That time
   * does not count for what was on its way to be raised; what was raised stays so. The rules are those
   * of Prometheus after a restart.
   *
   * @throws {HousekeepError} `policy.bad_value` for a duration that is none; `policy.unknown_rule` for a
   * policy without checks.
   */
  resume(state: HealthState | null | undefined, options: ResumeOptions): HealthState {
    const names = ['now', 'tolerance', 'grace']
    const { now, tolerance = '1h', grace = '10m' } = known(options, names, 'the options')
    const handle = HealthState.handle(state)
    const [longest, least] = [text(tolerance, '`tolerance`'), text(grace, '`grace`')]
    return calling(() =>
      HealthState.of(native.resume(this.#handle, handle, time(now), longest, least)),
    )
  }

  /**
   * The schedule of this name, with or without its family.
   *
   * @throws {HousekeepError} `policy.unknown_rule`, with the names there are.
   */
  schedule(name: string): Schedule {
    const own = text(name, 'the schedule')
    return calling(() => Schedule.of(native.schedule(this.#handle, own)))
  }

  /** The checks and groups that have to be ok before anything is removed. */
  get required(): string[] {
    return calling(() => this.#handle.required())
  }

  /**
   * Throws unless a report, or its JSON, says that what the policy requires is ok, and is not older
   * than an hour. A policy that requires nothing is content with any, and with none.
   *
   * @throws {HousekeepError} `report.not_ok`; `report.syntax` and `report.version` for what is no
   * report; `policy.unknown_rule` for a policy without checks.
   */
  require(
    report: HealthReport | string | Uint8Array | null | undefined,
    options: EvaluateOptions,
  ): void {
    const { now } = known(options, ['now'], 'the options')
    const json = report instanceof HealthReport ? report.toJson() : report
    const bytes = json == null ? null : bytesOf(json, 'the report')
    calling(() => native.require(this.#handle, bytes, time(now)))
  }

  #plan(rule: string, rows: Rows, options: PlanOptions): Question {
    const given = terms(rule, options, PLAN_OPTIONS)
    const { decisions = false } = options
    if (typeof decisions !== 'boolean') {
      throw new TypeError(`\`decisions\` is ${described(decisions)}, and not true or false`)
    }
    const ask = native.askPlan(this.#handle, given, decisions)
    return { ask, rows, format: options.format }
  }

  #sweep(rule: string, rows: Rows, options: SweepOptions): Question {
    const given = terms(rule, options, SWEEP_OPTIONS)
    const windows = Array.from(options.windows ?? [], window => text(window, 'a window'))
    return { ask: native.askSweep(this.#handle, given, windows), rows, format: options.format }
  }

  #compare(rule: string, rows: Rows, other: Policy, options: Options): Question {
    if (!(other instanceof Policy)) {
      throw new TypeError(`the other policy is ${described(other)}, and not a Policy`)
    }
    const given = terms(rule, options, OPTIONS)
    const ask = native.askCompare(this.#handle, given, other.#handle)
    return { ask, rows, format: options.format }
  }

  #explain(rule: string, rows: Rows, id: unknown, options: Options): Question {
    const given = terms(rule, options, OPTIONS)
    const ask = native.askExplain(this.#handle, given, idText(id))
    return { ask, rows, format: options.format }
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    return `Policy ${inspect({ rules: this.rules }, options)}`
  }
}

/** Refuses what JSON would leave out or change without a word. */
function plain(key: string, value: unknown): unknown {
  const fits = typeof value === 'number' ? Number.isFinite(value) : !ODD.includes(typeof value)
  if (fits) return value
  throw new TypeError(`\`${key}\` in the policy is ${String(value)}, which no policy can hold`)
}
const ODD = ['bigint', 'function', 'symbol', 'undefined']

function terms(rule: string, options: Options, keys: readonly string[]): Terms {
  const { now, source, threads } = known(options, keys, 'the options')
  const given: Terms = { rule: text(rule, 'the rule'), now: time(now) }
  if (source !== undefined) {
    if (typeof source !== 'object' || source === null) {
      throw new TypeError(`the source is ${described(source)}, and not an object of texts`)
    }
    const entries = Object.entries(source)
    given.source = Object.fromEntries(
      entries.map(([name, what]) => [
        text(name, 'a name in the source'),
        text(what, `\`${name}\` in the source`),
      ]),
    )
  }
  if (threads !== undefined) given.threads = whole(threads)
  return given
}

function whole<T extends number | undefined>(threads: T): T {
  if (threads === undefined) return threads
  if (!Number.isInteger(threads) || threads < 0 || threads > 0xffff_ffff) {
    throw new TypeError(`the threads are ${String(threads)}, and not a whole number`)
  }
  return threads
}

function answered(question: () => Question): Answer {
  return calling(() => {
    const { ask, rows, format } = question()
    return ask.answer(now(feed(ask, rows, format)))
  })
}

async function eventually<O extends AsyncOptions>(
  options: O,
  question: (options: Omit<O, 'signal'>) => Question,
): Promise<Answer> {
  try {
    const { signal, ...rest } = known(options, ASYNC_OPTIONS, 'the options')
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new TypeError(`the signal is ${described(signal)}, and not an AbortSignal`)
    }
    signal?.throwIfAborted()
    const { ask, rows, format } = question(rest)
    const taken = await later(feed(ask, rows, format), signal)
    const stop = new native.Stop()
    return await unlessAborted(signal, () => stop.stop(), ask.answerLater(taken, stop))
  } catch (error) {
    throw translated(error)
  }
}

/** As `fetch` does: rejected at once with the signal's reason, while the work stops by itself. */
function unlessAborted<T>(
  signal: AbortSignal | undefined,
  stop: () => void,
  work: Promise<T>,
): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const abort = () => {
      stop()
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function screened(found: Answer): Fleet {
  return Fleet.of(found as FleetHandle)
}

function planned(found: Answer): Plan {
  return calling(() => Plan.of(found as PlanHandle))
}

function said<T extends Sweep | Compare | Explanation>(found: Answer): T {
  return answer<T>(found as string)
}
