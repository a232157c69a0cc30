/** A JSON document as people read and change it: what fits stands on one line, as `[28, 28, 1]`; longer lists and records take a line for each member. */

const width = 100

/** The same value as `JSON.stringify` writes. `indent` is what stands before it on its line. */
export function jsonText(value: unknown, indent = ''): string {
  const line = oneLine(value)
  if (typeof value !== 'object' || value === null || indent.length + line.length <= width) return line
  const deeper = `${indent}  `
  const isList = Array.isArray(value)
  const members = isList
    ? value.map(member => jsonText(member, deeper))
    : fieldsOf(value).map(([name, member]) => `${JSON.stringify(name)}: ${jsonText(member, deeper)}`)
  const [open, close] = isList ? '[]' : '{}'
  return `${open}\n${members.map(member => deeper + member).join(',\n')}\n${indent}${close}`
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = fieldsOf(value)
  if (fields.length === 0) return '{}'
  return `{ ${fields.map(([name, member]) => `${JSON.stringify(name)}: ${oneLine(member)}`).join(', ')} }`
}

/** JSON has no word for what is undefined. */
const fieldsOf = (record: object) => Object.entries(record).filter(([, member]) => member !== undefined)
