// Schedules: which run is due, which were missed, and what is remembered.

import { inspect } from 'node:util'

import { answer, type Document } from './answer.cjs'
import { described, known, text } from './check.cjs'
import { calling } from './error.cjs'
import { bytesOf } from './health.cjs'
import { native, type ScheduleHandle, type ScheduleStateHandle } from './native.cjs'
import { type Time, time } from './time.cjs'

/** Why something is so: the setting, and how it bears on this. */
export interface ScheduleReason {
  readonly rule: string
  readonly why: string
}

/** One occasion of a schedule: when it may start. */
export interface Slot {
  /** Its name: `execute/2026-03-06`, or `execute/2026-03-06T14:00` where a day has several. */
  readonly slot: string
  /** What the clocks of the zone show, or skip, as it opens. */
  readonly nominal: string
  /** The first instant at which it may start. */
  readonly open: string
  /** The first instant at which it may start no more, if that is before its end. */
  readonly cutoff?: string
  /** The end of its window: it is over at this instant. */
  readonly close: string
  /** When it is announced, if it is. */
  readonly noticeAt?: string
}

interface OfSlot {
  readonly slot: string
  readonly nominal: string
  readonly open: string
  readonly close: string
  readonly reasons: readonly [ScheduleReason]
  /** The same in a sentence. */
  readonly sentence: string
}

/** A run that may start now. */
export interface Offer extends OfSlot {
  /** What a host claims before it starts it: `execute/2026-03-06/1`. */
  readonly claim: string
  /** How many attempts are left, this one included. */
  readonly left: number
  /**
   * The tasks that it is made of now, in their order. Absent of a schedule without tasks; and where
   * all succeeded and only the end was not recorded: it is started, and finished.
   */
  readonly tasks?: readonly string[]
}

/** A slot that is not done, and does not start now. */
export interface Undone extends OfSlot {}

/** A run that has started and not ended. */
export interface Running {
  /** What its host claimed. */
  readonly claim: string
  /** The slot, or another day, if a person runs it. */
  readonly slot: string
  readonly startedAt: string
  /** When it counts as failed. */
  readonly staleAt: string
  /** Whether a person started it. */
  readonly byHand?: true
  readonly sentence: string
}

/** Until when nothing changes, if nothing new is recorded. */
export interface Wait {
  /** The first instant at which something does; null if nothing ever does. */
  readonly until: string | null
  readonly why: 'opens' | 'notice' | 'closes' | 'stale' | 'calendar' | 'never'
  readonly slot?: string
}

interface Asked extends Document {
  readonly schedule: string
}

interface AskedNow extends Asked {
  readonly kind: 'due'
  readonly now: string
  readonly sentence: string
}

/** What is due, by `due`. */
export type Due =
  | (AskedNow & { readonly due: 'run'; readonly run: Offer })
  | (AskedNow & { readonly due: 'notice'; readonly notice: Slot })
  | (AskedNow & { readonly due: 'wait'; readonly wait: Wait })

/** What was missed, or failed, and what becomes of it. */
export interface Missed extends Asked {
  readonly kind: 'missed'
  readonly now: string
  /** What may start now, the oldest first. */
  readonly runs: readonly Offer[]
  /** What may start when these have, or when a window is open again. */
  readonly deferred: readonly Undone[]
  /** What runs: a host that wakes and finds its own says that it is abandoned. */
  readonly running: readonly Running[]
  /** What failed as often as it may. */
  readonly gaveUp: readonly Undone[]
  /** What runs no more, and is still spoken of. */
  readonly dropped: readonly Undone[]
}

/** The first slot after an instant, or after another slot. */
export interface NextSlot extends Asked {
  readonly kind: 'next'
  /** Null if none ever comes. */
  readonly slot: Slot | null
}

/** The slots of a time. */
export interface Slots extends Asked {
  readonly kind: 'slots'
  readonly from: string
  readonly to: string
  readonly slots: readonly Slot[]
}

/** Until when what is remembered of a slot has to be kept. */
export interface KeepUntil extends Asked {
  readonly kind: 'keep-until'
  readonly slot: string
  readonly keepUntil: string
}

/** What is remembered of one slot. */
export interface Run {
  readonly state: 'announced' | 'running' | 'failed' | 'abandoned' | 'skipped' | 'done'
  /** How often it started. */
  readonly tries?: number
  /** How many of these use up no attempt. */
  readonly uncounted?: number
  readonly byHand?: true
  readonly startedAt?: string
  readonly completedAt?: string
  readonly allCompleted?: boolean
  readonly allSuccess?: boolean
  /** Whether each task that ended succeeded. */
  readonly tasks?: Readonly<Record<string, boolean>>
  readonly noticedAt?: string
  readonly manualAt?: string
}

/** What happened to a run. */
export type ScheduleEvent =
  | 'started'
  | 'manual'
  | 'task'
  | 'finished'
  | 'abandoned'
  | 'skipped'
  | 'noticed'

/** What names a slot: its text, a claim, or an answer that has one. */
export type SlotName = string | { readonly claim: string } | { readonly slot: string }

/** When something is asked. */
export interface ScheduleOptions {
  /** The time it is asked at: housekeep has no clock of its own. */
  readonly now: Time
}

/** Of which time slots are asked for. */
export interface SlotsOptions {
  readonly from: Time
  readonly to: Time
}

/** When something happened, and what else is known of it. */
export interface RecordOptions extends ScheduleOptions {
  /** The task that ended. */
  readonly task?: string
  /** Whether the run, or the task, succeeded. */
  readonly success?: boolean
  /** Whether all of the run was completed. */
  readonly completed?: boolean
}

interface StateDocument extends Document {
  readonly since: string
  readonly runs: Readonly<Record<string, Run>>
}

/** What is remembered of the runs of one schedule. It never changes. */
export class ScheduleState {
  readonly #handle: ScheduleStateHandle
  #read: StateDocument | undefined

  private constructor(handle: ScheduleStateHandle) {
    this.#handle = handle
  }

  /** @internal */
  static of(handle: ScheduleStateHandle): ScheduleState {
    return new ScheduleState(handle)
  }

  /** @internal */
  static handle(state: unknown): ScheduleStateHandle {
    if (state instanceof ScheduleState) return state.#handle
    throw new TypeError(`the state is ${described(state)}, and not a ScheduleState`)
  }

  /**
   * Reads what {@link ScheduleState.toJson} wrote.
   *
   * @throws {HousekeepError} `state.syntax`, `state.version`
   */
  static fromJson(json: string | Uint8Array): ScheduleState {
    const bytes = bytesOf(json, 'the state')
    return calling(() => new ScheduleState(native.parseScheduleState(bytes)))
  }

  /** The first slot that counts, without the schedule's name: `2026-03-06`. */
  get since(): string {
    return this.#document.since
  }

  /** What is remembered of each slot, by its name without the schedule's. */
  get runs(): Readonly<Record<string, Run>> {
    return this.#document.runs
  }

  /** The state as JSON, which is to be kept. */
  toJson(): string {
    return calling(() => this.#handle.toJson())
  }

  /** Whether the two remember the same. */
  equals(other: unknown): boolean {
    return other instanceof ScheduleState && calling(() => this.#handle.equals(other.#handle))
  }

  get #document(): StateDocument {
    this.#read ??= answer<StateDocument>(this.toJson())
    return this.#read
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    const { since, runs } = this
    return `ScheduleState ${inspect({ since, runs }, options)}`
  }
}

const RECORD_OPTIONS = ['now', 'task', 'success', 'completed']

/** A schedule of a policy. It remembers nothing: the host keeps the state. */
export class Schedule {
  readonly #handle: ScheduleHandle

  private constructor(handle: ScheduleHandle) {
    this.#handle = handle
  }

  /** @internal */
  static of(handle: ScheduleHandle): Schedule {
    return new Schedule(handle)
  }

  /** The name, without its family. */
  get name(): string {
    return calling(() => this.#handle.name())
  }

  /** What a run is made of, in its order. Without tasks a run is one thing. */
  get tasks(): readonly string[] {
    return calling(() => this.#handle.tasks())
  }

  /**
   * A state that begins now: the slots count that may start now, and all that come.
   *
   * @throws {HousekeepError} `policy.unknown_date` if the calendar is not known from now on.
   */
  begin(options: ScheduleOptions): ScheduleState {
    const { now } = known(options, ['now'], 'the options')
    return calling(() => ScheduleState.of(this.#handle.begin(time(now))))
  }

  /**
   * A state in which nothing happened yet, and slots from this one on count.
   *
   * @throws {HousekeepError} `state.bad_event` for what names no slot.
   */
  state(since: SlotName): ScheduleState {
    const name = named(since)
    return calling(() => ScheduleState.of(this.#handle.state(name)))
  }

  /**
   * The first slot that opens after an instant.
   *
   * @throws {HousekeepError} `policy.unknown_date` if the calendar would have to be asked of a day that
   * it is not known for.
   */
  next(options: ScheduleOptions): NextSlot {
    const { now } = known(options, ['now'], 'the options')
    return calling(() => answer<NextSlot>(this.#handle.next(time(now))))
  }

  /**
   * The first slot after another, also of several that open at one instant.
   *
   * @throws {HousekeepError} `policy.unknown_date`; `state.bad_event` for what names no slot.
   */
  nextAfter(slot: SlotName): NextSlot {
    const name = named(slot)
    return calling(() => answer<NextSlot>(this.#handle.nextAfter(name)))
  }

  /**
   * The slots that open from an instant until before another.
   *
   * @throws {HousekeepError} `policy.unknown_date` if the calendar would have to be asked of a day that
   * it is not known for.
   */
  slots(options: SlotsOptions): Slots {
    const { from, to } = known(options, ['from', 'to'], 'the options')
    const [first, last] = [time(from, 'from'), time(to, 'to')]
    return calling(() => answer<Slots>(this.#handle.slots(first, last)))
  }

  /**
   * What is due now, and if nothing is, when to ask again.
   *
   * @throws {HousekeepError} `state.other` for the state of another schedule; `policy.unknown_date`.
   */
  due(state: ScheduleState, options: ScheduleOptions): Due {
    const { now } = known(options, ['now'], 'the options')
    const handle = ScheduleState.handle(state)
    return calling(() => answer<Due>(this.#handle.due(handle, time(now))))
  }

  /**
   * What was missed, or failed, and what becomes of it.
   *
   * @throws {HousekeepError} `state.other` for the state of another schedule; `policy.unknown_date`.
   */
  missed(state: ScheduleState, options: ScheduleOptions): Missed {
    const { now } = known(options, ['now'], 'the options')
    const handle = ScheduleState.handle(state)
    return calling(() => answer<Missed>(this.#handle.missed(handle, time(now))))
  }

  /**
   * The same state, in which something happened to a run at `now`. Saying it twice is saying it once, if
   * the slot is a claim. A run that finished without `success` is what its tasks are.
   *
   * @throws {HousekeepError} `state.bad_event` for a slot or task that there is not, or where too little
   * is told; `state.other` for the state of another schedule.
   */
  record(
    state: ScheduleState,
    event: ScheduleEvent,
    slot: SlotName,
    options: RecordOptions,
  ): ScheduleState {
    const { now, task, success, completed } = known(options, RECORD_OPTIONS, 'the options')
    const handle = ScheduleState.handle(state)
    const name = named(slot)
    const terms = {
      event: text(event, 'the event'),
      ...(task === undefined ? {} : { task: text(task, 'the task') }),
      ...flag(success, 'success'),
      ...flag(completed, 'completed'),
    }
    return calling(() => ScheduleState.of(this.#handle.record(handle, terms, name, time(now))))
  }

  /**
   * Until when what is remembered of a slot has to be kept, such as a key in Redis.
   *
   * @throws {HousekeepError} `state.bad_event` for what names no slot.
   */
  keepUntil(slot: SlotName): KeepUntil {
    const name = named(slot)
    return calling(() => answer<KeepUntil>(this.#handle.keepUntil(name)))
  }

  /** The same state without what may be forgotten. */
  forget(state: ScheduleState, options: ScheduleOptions): ScheduleState {
    const { now } = known(options, ['now'], 'the options')
    const handle = ScheduleState.handle(state)
    return calling(() => ScheduleState.of(this.#handle.forget(handle, time(now))))
  }

  /** What is remembered of one slot as JSON, for a host that stores each by itself; null if nothing is. */
  runJson(state: ScheduleState, slot: SlotName): string | null {
    const [handle, name] = [ScheduleState.handle(state), named(slot)]
    return calling(() => this.#handle.runJson(handle, name))
  }

  /**
   * The same state with what {@link Schedule.runJson} gave of a slot.
   *
   * @throws {HousekeepError} `state.syntax` for anything else.
   */
  withRun(state: ScheduleState, slot: SlotName, json: string | Uint8Array): ScheduleState {
    const [handle, name] = [ScheduleState.handle(state), named(slot)]
    const bytes = bytesOf(json, 'the run')
    return calling(() => ScheduleState.of(this.#handle.withRun(handle, name, bytes)))
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    return `Schedule ${inspect({ name: this.name }, options)}`
  }
}

/** The text that names a slot. */
function named(slot: unknown): string {
  if (typeof slot === 'string') return text(slot, 'the slot')
  if (typeof slot === 'object' && slot !== null) {
    const { claim, slot: own } = slot as { claim?: unknown; slot?: unknown }
    const found = claim ?? own
    if (typeof found === 'string') return text(found, 'the slot')
  }
  throw new TypeError(
    `the slot is ${described(slot)}; give a text such as \`2026-03-06\`, a slot or an offer`,
  )
}

function flag(value: unknown, name: string): Record<string, boolean> {
  if (value === undefined) return {}
  if (typeof value === 'boolean') return { [name]: value }
  throw new TypeError(`\`${name}\` is ${described(value)}, and not true or false`)
}
