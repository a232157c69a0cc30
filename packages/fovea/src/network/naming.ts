/** Layer names as Keras gives them: the class name in snake case, numbered from the second on (`conv2d`, `conv2d_1` …). */
import { UserError } from '../base/errors.ts'
import type { Layer } from '../layers/layer.ts'

/** It stands in summaries, in every weight's name and in file headers. */
const longestName = 256

/** `MaxPooling2D` → `max_pooling2d`, with Keras's own two rules. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

/**
 * Gives every layer its name, those with one keeping it; a layer that occurs several times is one layer.
 * `reserved` holds names that are taken already (the inputs). Throws UserError on a name given twice.
 */
export function nameLayers(layers: readonly Layer[], reserved: readonly string[] = []): Map<Layer, Layer> {
  const distinct = [...new Set(layers)]
  const taken = new Set(reserved)
  const problems = []
  for (const layer of distinct) {
    if (layer.name === '') continue
    if (taken.has(layer.name)) {
      problems.push({
        what: `Two layers of the model are called '${layer.name}'.`,
        expected: 'a name of its own for each layer',
        received: `a second '${layer.name}' (${layer.type})`,
        fix: 'Rename one, or leave the name out: the model finds one.',
      })
    }
    if (layer.name.includes('/') || layer.name.includes('@') || layer.name.includes(':')) {
      problems.push({
        what: `A layer cannot be called '${layer.name}'.`,
        expected: "a name without '/', '@' and ':' (they separate layer, weight and optimizer state)",
        received: layer.name,
        fix: `Call it '${layer.name.replace(/[/@:]/g, '_')}'.`,
      })
    }
    if (layer.name.length > longestName) {
      problems.push({
        what: `A layer's name is too long.`,
        expected: `at most ${longestName} signs`,
        received: `${layer.name.slice(0, 40)}… (${layer.name.length} signs)`,
      })
    }
    taken.add(layer.name)
  }
  if (problems.length > 0) throw new UserError(problems)
  const counts = new Map<string, number>()
  const named = new Map<Layer, Layer>()
  for (const layer of distinct) {
    named.set(layer, layer.name === '' ? { ...layer, name: freeName(snakeCase(layer.type), taken, counts) } : layer)
  }
  return named
}

/** `base`, or the first of `base_1`, `base_2` … that is free; `counts` remembers where to go on. */
export function freeName(base: string, taken: Set<string>, counts: Map<string, number>): string {
  let count = counts.get(base) ?? 0
  let name = count === 0 ? base : `${base}_${count}`
  while (taken.has(name)) name = `${base}_${++count}`
  counts.set(base, count + 1)
  taken.add(name)
  return name
}
