// The native module: where it is found, and what it exports. Nothing else loads it.

/** A handle that only the native module can look into. */
export interface PolicyHandle {
  rules(): string[]
  required(): string[]
  toJson(): string
  toPrometheus(): string
  toPrometheusTests(rulesFile: string): string
  statements(rule: string, now: bigint | string, batch?: number): string
  with(rule: string, setting: string): PolicyHandle
}

export type Answer = PlanHandle | string | FleetHandle

export interface Ask {
  columns(): string[]
  answer(rows: RowsHandle): Answer
  answerLater(rows: RowsHandle, stop: Stop): Promise<Answer>
}

export interface Terms {
  rule: string
  now: bigint | string
  source?: Record<string, string>
  threads?: number
}

/** Values that `Pack` packed. */
type Packed = [tags: Uint8Array, numbers: Float64Array, units: Uint16Array]

export interface RowsHandle {
  pushRecords(...values: Packed): void
  refuse(...found: Packed): void
  pushValues(place: number, ...values: Packed): void
  pushIntegers(place: number, values: BigInt64Array): void
  pushNumbers(place: number, values: Float64Array): void
}

export interface Stop {
  stop(): void
}

export interface Head {
  kind: 'dedupe' | 'retention'
  rule: string
  table?: string
  plannedAt: string
  ruleSha256: string
  source: Record<string, string>
  total: number
  eligible: number
  keep: number
  drop: number
  blocked?: number
  skipped: {
    nullTime: number
    nullKey?: number
    future: number
    notOnly?: number
    notMatched?: number
    open?: number
  }
  files?: string
  advised?: boolean
  advice?: string
  nearest?: { id: string; otherId: string; gap: string }
  warnings: string[]
}

export interface Entry {
  id: string
  keeperId: string
  key: (string | boolean | null)[]
  time: string
  keeperTime: string
  gap: string
  why: string
  viaId?: string
  viaGap?: string
  bucket?: string
}

export interface PlanHandle {
  head(): Head
  sha256(): string
  dropIds(): string[]
  key(): string[]
  drops(from: number, to: number): Entry[]
  removals(from: number, to: number): string
  stayCount(): number | null
  stays(from: number, to: number): string
  oldestKept(): string
  explain(id: string): string
  toJson(): Buffer
  toArrow(): Uint8Array
}

/** One thing that a driver does. */
export interface Step {
  kind:
    | 'begin'
    | 'exec'
    | 'persist'
    | 'read'
    | 'confirm'
    | 'commit'
    | 'rollback'
    | 'reconnect'
    | 'sleep'
    | 'together'
  text: string
  params: (string | (string | null)[])[]
  data?: Buffer
  isWhole: boolean
  millis: number
  /** What is carried out at the same time, each over a connection of its own. */
  machines: MachineHandle[]
}

export interface MachineHandle {
  nextStep(): Promise<Step | null>
  done(): void
  rows(rows: (string | null)[][]): void
  bytes(bytes: Uint8Array): void
  answer(answer: string): void
  refused(sqlstate: string, message: string): void
  lost(why: string): void
  failed(why: string): void
  /** Nothing of what is carried out together with others: the machine has it that they are of. */
  finish(): PlanHandle | string | null
}

export interface StateHandle {
  toJson(): string
  equals(other: StateHandle): boolean
  at(): string | null
}

export interface ScheduleStateHandle {
  toJson(): string
  equals(other: ScheduleStateHandle): boolean
}

export interface EventTerms {
  event: string
  task?: string
  completed?: boolean
  success?: boolean
}

export interface ScheduleHandle {
  name(): string
  tasks(): string[]
  begin(now: bigint | string): ScheduleStateHandle
  state(since: string): ScheduleStateHandle
  next(now: bigint | string): string
  nextAfter(slot: string): string
  slots(from: bigint | string, to: bigint | string): string
  due(state: ScheduleStateHandle, now: bigint | string): string
  missed(state: ScheduleStateHandle, now: bigint | string): string
  record(
    state: ScheduleStateHandle,
    terms: EventTerms,
    slot: string,
    now: bigint | string,
  ): ScheduleStateHandle
  keepUntil(slot: string): string
  forget(state: ScheduleStateHandle, now: bigint | string): ScheduleStateHandle
  runJson(state: ScheduleStateHandle, slot: string): string | null
  withRun(state: ScheduleStateHandle, slot: string, json: Uint8Array): ScheduleStateHandle
}

export interface ReportHead {
  at: string
  policySha256: string
  status: 'ok' | 'warn' | 'unknown' | 'crit'
  word: 'healthy' | 'degraded' | 'unknown' | 'unhealthy'
  critical?: 'ok' | 'warn' | 'unknown' | 'crit'
  nextChange?: string
}

export interface EvaluatedHandle {
  head(): ReportHead
  criticalOnly(): EvaluatedHandle
  toJson(): string
  toNagios(): string
  toOpenmetrics(): string
  state(): StateHandle
}

export interface ScreenNames {
  metrics: string[]
  instants: boolean[]
  instances: boolean
  checks: string[]
  groups: string[]
  critical: boolean[]
}

export interface FleetHead {
  at: string
  policySha256: string
  total: number
  status: 'ok' | 'warn' | 'unknown' | 'crit'
  checks: string[]
  groups: string[]
}

export interface FleetHandle {
  head(): FleetHead
  counts(place?: number): { ok: number; warn: number; unknown: number; crit: number }
  codes(place?: number): Uint8Array
  worst(most: number): {
    row: number
    id?: string
    status: 'ok' | 'warn' | 'unknown' | 'crit'
    checks: [string, string][]
    groups: [string, string][]
  }[]
  toJson(): string
  toArrow(): Uint8Array
}

export interface Native {
  syntaxOfFile(name: string): 'json' | 'toml'
  parsePolicy(text: string, isJson: boolean): PolicyHandle
  policyFromDocument(json: string): PolicyHandle
  policySchema(): string
  askPlan(policy: PolicyHandle, terms: Terms, decisions: boolean): Ask
  askSweep(policy: PolicyHandle, terms: Terms, windows: string[]): Ask
  askCompare(policy: PolicyHandle, terms: Terms, other: PolicyHandle): Ask
  askExplain(policy: PolicyHandle, terms: Terms, id: string): Ask
  /** The metrics are parts as a text, or JSON as bytes. */
  evaluate(
    policy: PolicyHandle,
    metrics: string | Uint8Array,
    state: StateHandle | null,
    now: bigint | string,
  ): EvaluatedHandle
  screenNames(policy: PolicyHandle): ScreenNames
  screenRow(policy: PolicyHandle, row: Float64Array, now: bigint | string): string
  screenSnapshot(policy: PolicyHandle, metrics: string | Uint8Array, now: bigint | string): string
  askFleet(policy: PolicyHandle, now: bigint | string, threads?: number): Ask
  acknowledge(
    policy: PolicyHandle,
    state: StateHandle | null,
    check: string,
    instance: string | null,
    now: bigint | string,
  ): StateHandle
  mute(
    policy: PolicyHandle,
    state: StateHandle | null,
    of: string[],
    from: bigint | string,
    until: bigint | string,
  ): StateHandle
  resume(
    policy: PolicyHandle,
    state: StateHandle | null,
    now: bigint | string,
    tolerance: string,
    grace: string,
  ): StateHandle
  require(policy: PolicyHandle, report: Uint8Array | null, now: bigint | string): void
  parseState(json: Uint8Array): StateHandle
  schedule(policy: PolicyHandle, name: string): ScheduleHandle
  parseScheduleState(json: Uint8Array): ScheduleStateHandle
  rowsOfBytes(bytes: Uint8Array, format?: string): RowsHandle
  rowsOfRecords(ask: Ask): RowsHandle
  rowsOfColumns(ask: Ask, names: string[]): RowsHandle
  parsePlan(text: string): PlanHandle
  planMachine(
    policy: PolicyHandle,
    rule: string,
    now: bigint | string,
    decisions: boolean,
  ): MachineHandle
  exportMachine(
    policy: PolicyHandle,
    terms: { rule: string; now: bigint | string; since?: bigint | string; last?: number },
    plan: PlanHandle | null,
  ): MachineHandle
  applyMachine(
    policy: PolicyHandle,
    plan: PlanHandle,
    terms: {
      now: bigint | string
      way: string
      batch?: number
      jobs?: number
      skipChanged: boolean
      maxAge?: string
      health?: string
    },
  ): MachineHandle
  verifyMachine(policy: PolicyHandle, rule: string, now: bigint | string): MachineHandle
  restoreMachine(forReal: boolean): MachineHandle
  codes(): { code: string; kind: string; about: string }[]
  Stop: new () => Stop
}

const { platform, arch } = process

/** The C libraries that a build may be for; only Linux has two. */
const flavours = platform === 'linux' ? ['gnu', 'musl'] : [undefined]

function name(flavour: string | undefined): string {
  return [platform, arch, flavour].filter(part => part !== undefined).join('-')
}

/** The flavour that this machine needs. Slow, so only asked for an error's sake. */
function own(): string | undefined {
  if (platform !== 'linux') return undefined
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } }
  return report?.header?.glibcVersionRuntime ? 'gnu' : 'musl'
}

function load(): Native {
  const places = [
    '../housekeep.node',
    ...flavours.map(flavour => `../housekeep.${name(flavour)}.node`),
    ...flavours.map(flavour => `housekeep-${name(flavour)}`),
  ]
  const causes: unknown[] = []
  for (const place of places) {
    try {
      return require(place) as Native
    } catch (cause) {
      // One that is there and does not load says more than those that are not there.
      const isAbsent = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND'
      if (!isAbsent) causes.push(cause)
    }
  }
  const wanted = `housekeep-${name(own())}`
  const said = causes.map(cause => `; it says: ${(cause as Error).message}`)
  throw new Error(
    `housekeep has no native module for ${platform} on ${arch} here: install the package ` +
      `\`${wanted}\` (if npm left it out, remove node_modules and package-lock.json, and install ` +
      `again without --omit=optional), or build it from source with \`npm run build\`` +
      said.join(''),
    { cause: causes[0] },
  )
}

export const native: Native = load()
