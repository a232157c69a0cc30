/** Rows of a table, one a class: its name, a bar, its probability. Up to ten classes keep their places; of more, the ten likeliest are shown. */
import { largestOf } from 'fovea/internal/base/extremes'
import { percent } from 'fovea/internal/base/text'

const MOST_ROWS = 10

/** Gives the function that shows other probabilities; undefined empties the bars. */
export function probabilityBars(
  body: HTMLTableSectionElement,
  classNames: readonly string[],
): (probabilities: ArrayLike<number> | undefined) => void {
  const rows = classNames.slice(0, MOST_ROWS).map(() => {
    const row = body.insertRow()
    const name = row.appendChild(document.createElement('th'))
    name.scope = 'row'
    const bar = row.insertCell().appendChild(document.createElement('i'))
    const value = row.insertCell().appendChild(document.createElement('data'))
    return { row, name, bar, value }
  })
  return probabilities => {
    const shown = classNames.map((name, index) => ({ name, value: probabilities?.[index] ?? 0 }))
    const likeliest = largestOf(shown.map(({ value }) => value))
    if (shown.length > MOST_ROWS) shown.sort((a, b) => b.value - a.value)
    for (const [index, { row, name, bar, value }] of rows.entries()) {
      const { name: className, value: probability } = shown[index]!
      row.className = probabilities && probability === likeliest ? 'try-first' : ''
      name.textContent = name.title = className
      bar.style.width = `${100 * probability}%`
      value.textContent = probabilities ? percent(probability) : ''
      value.value = probabilities ? String(probability) : ''
    }
  }
}
