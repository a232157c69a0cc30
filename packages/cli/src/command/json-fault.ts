/**
 * Where a text stops being JSON: the parser names a place only sometimes. In: a text that cannot be parsed. Out: the line of its
 * first fault, from 1: the first whose end the parser does not reach. What merely is not finished yet has no fault.
 */
import { linesOf } from 'fovea/internal/base/text-file'

export function faultyLine(text: string): number {
  const lines = linesOf(text)
  // Lines before `sound` have no fault, those up to `faulty` have one.
  let [sound, faulty] = [0, lines.length]
  while (faulty - sound > 1) {
    const middle = Math.floor((sound + faulty) / 2)
    if (isFaulty(lines.slice(0, middle).join('\n'))) faulty = middle
    else sound = middle
  }
  return Math.max(1, faulty)
}

/** Whether a beginning of the text cannot be completed. */
function isFaulty(beginning: string): boolean {
  try {
    // With the line's end, which no text in quotes may hold.
    JSON.parse(`${beginning}\n`)
    return false
  } catch (error) {
    const { message } = error as Error
    if (message.includes('end of JSON input')) return false
    if (message.includes('control character')) return true
    const place = /at position (\d+)/.exec(message)?.[1]
    return place === undefined || Number(place) < beginning.trimEnd().length
  }
}
