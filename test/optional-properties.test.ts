/**
 * Under TypeScript's `exactOptionalPropertyTypes` an optional property does not take `undefined` unless its type says so. Programs pass
 * options on (`{ top: options.top }`), and at run time `undefined` is the same as nothing. So every optional property of the rooms whose
 * types users meet says it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'rolldown/utils'
import { expect, test } from 'vitest'
import { dense, sequential, weightsSha256 } from '../packages/fovea/src/index.ts'
import { root, sourceFiles } from './source-files.testing.ts'

const rooms =
  'api data engine explain host layers network objectives optimizer preprocess recipes runner train runtime/device base/errors base/picture base/preprocess-spec'
    .split(' ')
    .map(room => `packages/fovea/src/${room}`)

type Tree = { readonly type?: string; readonly [key: string]: unknown }

/** Names of the optional properties of a file that take no `undefined`. What a cast says (`as { code?: string }`) is no option. */
function exactProperties(code: string): string[] {
  const found: string[] = []
  const walk = (tree: unknown): void => {
    if (Array.isArray(tree)) for (const part of tree) walk(part)
    if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return
    const { type, ...parts } = tree as Tree
    if (type === 'TSAsExpression') {
      walk(parts['expression'])
      return
    }
    if (type === 'TSPropertySignature' && parts['optional'] === true && !takesUndefined(parts['typeAnnotation']))
      found.push((parts['key'] as { name: string }).name)
    walk(Object.values(parts))
  }
  walk(parseSync('file.ts', code).program)
  return found
}

function takesUndefined(annotation: unknown): boolean {
  const given = (annotation as { typeAnnotation: Tree }).typeAnnotation
  const types = given.type === 'TSUnionType' ? (given['types'] as Tree[]) : [given]
  return types.some(({ type }) => type === 'TSUndefinedKeyword' || type === 'TSUnknownKeyword')
}

test('every optional property takes undefined', () => {
  const files = sourceFiles('packages/fovea/src').filter(
    ({ path }) => rooms.some(room => path.startsWith(room)) && !/\.(test|testing)\.ts$/.test(path),
  )
  expect(files.length).toBeGreaterThan(100)
  const exact = files.flatMap(({ path }) =>
    exactProperties(readFileSync(join(root, path), 'utf8')).map(name => `${path}: ${name}`),
  )
  expect(exact).toEqual([])
})

test('one that takes none is found', () => {
  const code = `interface A { a?: number; b?: number | undefined; c?: unknown; d: number }
export const f = (x: { e?: () => void }): unknown => (x as { g?: string }).g`
  expect(exactProperties(code)).toEqual(['a', 'e'])
})

test('a seed that is undefined is none: the model keeps its own', async () => {
  const weights = await Promise.all(
    [{ seed: undefined }, {}].map(async given => {
      const model = sequential([dense({ units: 2, inputShape: [1], activation: 'softmax' })], { seed: 5 })
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', threads: undefined })
      await model.fit([[1], [2], [3], [4]], [0, 1, 0, 1], { epochs: 2, batchSize: 1, verbose: 0, ...given })
      const sha = weightsSha256(await model.getWeights())
      await model.dispose()
      return sha
    }),
  )
  expect(weights[0]).toBe(weights[1])
})
