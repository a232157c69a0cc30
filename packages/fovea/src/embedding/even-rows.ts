/** Some of many pictures, as many of each class as there are, spread over their order: what is drawn or copied of a large set. */

/** At most so many rows, ascending. Classes with fewer leave their places to the others. */
export function evenRows(labels: ArrayLike<number>, most: number): Int32Array {
  const byClass = new Map<number, number[]>()
  for (let row = 0; row < labels.length; row++) {
    const own = byClass.get(labels[row]!)
    if (own) own.push(row)
    else byClass.set(labels[row]!, [row])
  }
  let room = most
  const chosen: number[] = []
  // The small classes first: what they leave is shared by those that follow.
  const classes = [...byClass.values()].sort((a, b) => a.length - b.length)
  for (const [place, rows] of classes.entries()) {
    const count = Math.min(rows.length, Math.floor(room / (classes.length - place)))
    for (let turn = 0; turn < count; turn++) chosen.push(rows[Math.floor((turn * rows.length) / count)]!)
    room -= count
  }
  return Int32Array.from(chosen).sort()
}
