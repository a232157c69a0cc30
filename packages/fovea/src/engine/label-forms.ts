/** Labels that are fed in another form than they were given in: class numbers and one-hot rows. A row has one class, or one at each position. */
import type { NumericArray } from '../base/shape.ts'
import type { ColumnForm } from './feed-column.ts'

/** Each class number becomes slotRowSize / rowSize values. */
export const asOneHot: ColumnForm = ({ data, rowSize, slotRowSize }, order, begin, n, slot) => {
  const classes = slotRowSize / rowSize
  slot.fill(0, 0, n * slotRowSize)
  for (let row = 0; row < n; row++) {
    const from = (order ? order[begin + row]! : begin + row) * rowSize
    const to = row * slotRowSize
    for (let position = 0; position < rowSize; position++) slot[to + position * classes + data[from + position]!] = 1
  }
}

/** Each rowSize / slotRowSize values become the number of the largest. */
export const asClassNumber: ColumnForm = ({ data, rowSize, slotRowSize }, order, begin, n, slot) => {
  const classes = rowSize / slotRowSize
  for (let row = 0; row < n; row++) {
    const from = (order ? order[begin + row]! : begin + row) * rowSize
    const to = row * slotRowSize
    for (let position = 0; position < slotRowSize; position++) {
      slot[to + position] = classOf(data, from + position * classes, classes)
    }
  }
}

/** The place of the largest of `classes` values from `begin` on, counted from there: the class of a one-hot row. */
export function classOf(data: NumericArray, begin: number, classes: number): number {
  let best = 0
  for (let index = 1; index < classes; index++) {
    if (data[begin + index]! > data[begin + best]!) best = index
  }
  return best
}
