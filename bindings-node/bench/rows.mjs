// The rows of the benches: builds of tasks, of which about a fifth run twice.

const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000

/** A small generator, so that every run has the same rows. */
function generator(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function hex(random, digits) {
  let text = ''
  while (text.length < digits)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return text.slice(0, digits)
}

/**
 * So many rows; `time` makes of milliseconds what the rows hold.
 *
 * @param {number} count
 * @param {(millis: number) => Date | string} time
 */
export function rows(count, time = millis => new Date(millis)) {
  const random = generator(1)
  const all = []
  let last
  for (let id = 0; id < count; id++) {
    const again = last !== undefined && random() < 0.27
    const run = again
      ? { ...last, at: last.at + Math.floor(random() * 9 * MINUTE) }
      : {
          task_id: `T-${Math.floor(random() * 2000)}`,
          commit_hash: hex(random, 40),
          at: START + Math.floor(random() * 300 * 24 * 60) * MINUTE,
        }
    last = again ? undefined : run
    all.push({ id, task_id: run.task_id, commit_hash: run.commit_hash, started_at: time(run.at) })
  }
  // As a database would give them: in no order of key.
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[all[at], all[other]] = [all[other], all[at]]
  }
  return all
}

export const policy = `
[dedupe.runs]
key = ["task_id", "commit_hash"]
time = "started_at"
window = "10m"
`

export const now = new Date(Date.UTC(2026, 11, 1))

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
