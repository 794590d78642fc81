// Values on their way to the native module: packed, so that a chunk of them crosses at once.
// Crossing once per value would cost more than the decision itself.

import { isInstant, micros } from './time.cjs'

/** What a value is. The numbers are those of `tag` in `src/packed.rs`. */
const enum Tag {
  Missing = 0,
  Null = 1,
  Text = 2,
  Number = 3,
  False = 4,
  True = 5,
  Bigint = 6,
  Date = 7,
  Micros = 8,
  List = 9,
  Object = 10,
  Bytes = 11,
  Function = 12,
  Symbol = 13,
  InvalidDate = 14,
}

/** Rows of one chunk: few enough that timers are not kept waiting. */
export const CHUNK = 4096
/** Characters after which a chunk is full: far from the longest text there can be. */
const LONG = 1 << 24

/** A chunk of one or more columns, used again and again. */
export class Pack {
  /** One column after the other, `CHUNK` values each. */
  readonly tags: Uint8Array
  /** Numbers, milliseconds, and the length of each text. */
  readonly numbers: Float64Array
  /** The texts of each column, joined. */
  readonly texts: string[]
  /** How many rows it holds. */
  rows = 0
  #characters = 0

  constructor(columns: number) {
    this.tags = new Uint8Array(columns * CHUNK)
    this.numbers = new Float64Array(columns * CHUNK)
    this.texts = new Array<string>(columns).fill('')
  }

  get isFull(): boolean {
    return this.rows === CHUNK || this.#characters >= LONG
  }

  clear(): void {
    this.texts.fill('')
    this.rows = 0
    this.#characters = 0
  }

  /** Takes the value of the row in hand; `rows` counts it once all its columns are taken. */
  put(column: number, value: unknown): void {
    const at = column * CHUNK + this.rows
    switch (typeof value) {
      case 'string':
        this.#text(column, at, Tag.Text, value)
        break
      case 'number':
        this.tags[at] = Tag.Number
        this.numbers[at] = value
        break
      case 'boolean':
        this.tags[at] = value ? Tag.True : Tag.False
        break
      case 'bigint':
        this.#text(column, at, Tag.Bigint, String(value))
        break
      case 'undefined':
        this.tags[at] = Tag.Missing
        break
      case 'function':
        this.tags[at] = Tag.Function
        break
      case 'symbol':
        this.tags[at] = Tag.Symbol
        break
      default:
        this.#object(column, at, value as object | null)
    }
  }

  #text(column: number, at: number, tag: Tag, text: string): void {
    this.tags[at] = tag
    this.numbers[at] = text.length
    this.texts[column] += text
    this.#characters += text.length
  }

  #object(column: number, at: number, value: object | null): void {
    if (value === null) {
      this.tags[at] = Tag.Null
    } else if (value instanceof Date) {
      const millis = value.getTime()
      this.tags[at] = Number.isNaN(millis) ? Tag.InvalidDate : Tag.Date
      this.numbers[at] = millis
    } else if (isInstant(value)) {
      this.#text(column, at, Tag.Micros, String(micros(value)))
    } else if (Array.isArray(value)) {
      this.tags[at] = Tag.List
    } else {
      this.tags[at] = ArrayBuffer.isView(value) ? Tag.Bytes : Tag.Object
    }
  }
}
