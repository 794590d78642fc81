// Checks of arguments. What is wrong with rows or a policy is core's to say; what is wrong with a
// call is a TypeError.

/** What a value is, for a message. */
export function described(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' || typeof value === 'undefined'
    ? 'an object'
    : `a ${typeof value}`
}

/** A text of whole characters: a half one would become another on its way to UTF-8. */
export function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new TypeError(`${what} is ${described(value)}, and not text`)
  if (!value.isWellFormed()) throw new TypeError(`${what} is a text with half a character`)
  return value
}

/** An object whose keys are all known. */
export function known<T extends object>(value: T, keys: readonly string[], what: string): T {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`${what} are ${described(value)}, and not an object`)
  }
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) {
      throw new TypeError(`${what} have no \`${key}\`; there are ${keys.join(', ')}`)
    }
  }
  return value
}
