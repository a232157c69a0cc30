/**
 * What is called by its type, with options of its own in `config`: a layer, an optimizer, a metric, a callback of a configuration.
 * In: the fields beside `type`. Out: a schema that shows how the record is written where the options stand beside the type, or
 * where there is only a name.
 */
import { nearest } from './errors.ts'
import {
  type Fields,
  isPlainRecord,
  jsonRecord,
  optional,
  type ParsedFields,
  record,
  refuse,
  type Schema,
  text,
} from './schema.ts'
import { show } from './show.ts'

const own = { type: text, config: optional(jsonRecord, {}) }

export function typedRecord<F extends Fields>(others: F): Schema<ParsedFields<typeof own & F>>
export function typedRecord(others: Fields): Schema<ParsedFields<typeof own>> {
  const fields = { ...own, ...others }
  const known = Object.keys(fields)
  const schema = record(fields)
  return {
    ...schema,
    read(value, at) {
      if (typeof value === 'string') {
        return refuse(at, 'a record {type, config}', value, `write ${written({ type: value, config: {} })}`)
      }
      if (!isPlainRecord(value) || typeof value['type'] !== 'string') return schema.read(value, at)
      const outside = Object.keys(value).filter(name => !known.includes(name) && !isMistyped(name, known))
      if (outside.length === 0) return schema.read(value, at)
      const inside = isPlainRecord(value['config']) ? value['config'] : {}
      const [kept, moved] = [pick(value, known), pick(value, outside)]
      at.problems.push({
        what: `${at.path === '' ? at.owner : `"${at.path}" of ${at.owner}`}: put ${outside.join(', ')} into config.`,
        received: show(value),
        fix: `write ${written({ ...kept, config: { ...inside, ...moved } })}`,
      })
      return schema.read(kept, at)
    },
  }
}

/** Short words are all alike: `rate` is no mistyped `name`. */
const isMistyped = (name: string, known: readonly string[]): boolean =>
  name.length > 4 && nearest(name, known) !== undefined

const pick = (value: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))

/** JSON with the spaces that a person writes. */
const written = (value: object): string => JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ').replaceAll('{ }', '{}')
