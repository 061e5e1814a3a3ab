/** The one of `known` that `name` was probably meant to be; `undefined` when none is near. */
export function suggestion(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = 3
  for (const other of known) {
    const distance = distanceOf(name, other)
    if (distance >= least) continue
    least = distance
    best = other
  }
  return best
}

/** How many letters have to be put in, left out or changed (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1)!
}
