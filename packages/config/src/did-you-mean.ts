/** The option that `word` was probably meant to be, or undefined when none is near: a letter missing, wrong, doubled or swapped, or two in a long word. */
export function didYouMean(word: string, options: Iterable<string>): string | undefined {
  const plain = normalised(word)
  let nearest: string | undefined
  let least = Math.max(1, Math.min(3, Math.floor(plain.length / 3))) + 1
  for (const option of options) {
    const distance = editDistance(plain, normalised(option), least)
    if (distance >= least) continue
    least = distance
    nearest = option
  }
  return nearest
}

/** So that `edgeBound`, `edge-bound` and `edge_bound` are no distance apart. */
function normalised(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Insertions, removals, changes and swaps of neighbours between two words; `limit` or more is not worth counting. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1
      const above = rows[row - 1]!
      let distance = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + cost)
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (isSwap) distance = Math.min(distance, rows[row - 2]![column - 2]! + 1)
      current.push(distance)
    }
    rows.push(current)
  }
  return rows[a.length]![b.length]!
}
