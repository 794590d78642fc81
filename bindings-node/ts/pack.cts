// Values on their way to the native module: packed one after the other, so that a chunk of them
// crosses at once. Crossing once per value would cost more than the decision itself.

import { isDate, isInstant, micros } from './time.cjs'

/** What a value is. The numbers are those of `tag` in `src/packed.rs`. */
enum Tag {
  Missing = 0,
  Null = 1,
  Text = 2,
  Number = 3,
  False = 4,
  True = 5,
  Bigint = 6,
  Date = 7,
  Micros = 8,
  /** An array of anything but text. */
  List = 9,
  Object = 10,
  /** Bytes, a function, a symbol. */
  Other = 11,
  /** An array of text. */
  Texts = 12,
}

/** Rows of one chunk: few enough that timers are not kept waiting. */
const CHUNK = 4096
/** Units of text after which a chunk is full, so that long texts do not gather. */
const LONG = 1 << 22
/** Texts up to here are copied unit by unit, which is faster than a call for each. */
const SHORT = 128

/** The first and the last millisecond of the years that are taken. */
const YEAR_1 = Date.parse('0001-01-01T00:00:00Z')
const YEAR_9999 = Date.parse('9999-12-31T23:59:59.999Z')

/** The values of a chunk of rows, row by row. */
export class Pack {
  readonly #most: number
  readonly #tags: Uint8Array
  /** Numbers, milliseconds, and the length of each text. */
  readonly #numbers: Float64Array
  /** All texts, as the UTF-16 that they are in JavaScript. */
  #units = new Uint16Array(CHUNK * 16)
  #values = 0
  #length = 0

  constructor(columns: number) {
    this.#most = columns * CHUNK
    this.#tags = new Uint8Array(this.#most)
    this.#numbers = new Float64Array(this.#most)
  }

  /** Whether no further row fits; to be asked at the end of one. */
  get isFull(): boolean {
    return this.#values === this.#most || this.#length >= LONG
  }

  /** Hands the values over, and begins anew. */
  flush(to: (tags: Uint8Array, numbers: Float64Array, units: Uint16Array) => void): void {
    const values = this.#values
    const units = this.#units.subarray(0, this.#length)
    this.#values = 0
    this.#length = 0
    to(this.#tags.subarray(0, values), this.#numbers.subarray(0, values), units)
  }

  put(value: unknown): void {
    const at = this.#values++
    switch (typeof value) {
      case 'string':
        this.#text(at, Tag.Text, value)
        break
      case 'number':
        this.#tags[at] = Tag.Number
        this.#numbers[at] = value
        break
      case 'boolean':
        this.#tags[at] = value ? Tag.True : Tag.False
        break
      case 'bigint':
        this.#text(at, Tag.Bigint, String(value))
        break
      case 'undefined':
        this.#tags[at] = Tag.Missing
        break
      case 'function':
      case 'symbol':
        this.#tags[at] = Tag.Other
        break
      default:
        this.#object(at, value as object | null)
    }
  }

  #object(at: number, value: object | null): void {
    if (value === null) {
      this.#tags[at] = Tag.Null
    } else if (isDate(value)) {
      this.#date(at, value)
    } else if (isInstant(value)) {
      this.#text(at, Tag.Micros, String(micros(value)))
    } else if (Array.isArray(value)) {
      this.#list(at, value)
    } else {
      this.#tags[at] = ArrayBuffer.isView(value) ? Tag.Other : Tag.Object
    }
  }

  /** One text of them all, each behind its length in units and a colon. */
  #list(at: number, list: readonly unknown[]): void {
    let texts = ''
    for (const text of list) {
      if (typeof text !== 'string') {
        this.#tags[at] = Tag.List
        return
      }
      texts += `${text.length}:${text}`
    }
    this.#text(at, Tag.Texts, texts)
  }

  #date(at: number, value: Date): void {
    const millis = value.getTime()
    if (millis < YEAR_1 || millis > YEAR_9999) {
      // Core has a sentence for a time outside all years, and it quotes the time.
      this.#text(at, Tag.Text, value.toISOString())
    } else {
      this.#tags[at] = Tag.Date
      this.#numbers[at] = millis
    }
  }

  #text(at: number, tag: Tag, text: string): void {
    const { length } = text
    const first = this.#length
    this.#tags[at] = tag
    this.#numbers[at] = length
    this.#length += length
    if (this.#length > this.#units.length) this.#grow()
    const units = this.#units
    if (length <= SHORT) {
      for (let n = 0; n < length; n++) units[first + n] = text.charCodeAt(n)
    } else {
      Buffer.from(units.buffer).write(text, first * 2, 'utf16le')
    }
  }

  #grow(): void {
    const units = new Uint16Array(Math.max(this.#length, this.#units.length * 2))
    units.set(this.#units)
    this.#units = units
  }
}
