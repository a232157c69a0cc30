/** Data sets by name in a page: the built-in one. Those of others lie where a page may not read them. */
import { anyText, checkArguments } from '../../base/arguments.ts'
import { UserError } from '../../base/errors.ts'
import { catalog } from '../../data/catalog.ts'
import type { Dataset } from '../../data/dataset.ts'
import { shapesInPieces } from '../../data/shapes.ts'
import { yieldToEvents } from './yield-to-events.ts'

/** Gives the generated `shapes`. Throws UserError for every other name: Node loads those, a page is given their pixels. */
export async function loadDataset(name: string): Promise<Dataset> {
  checkArguments('loadDataset', { name: anyText }, { name })
  if (name === 'shapes') return shapesInPieces(yieldToEvents)
  const published = catalog.some(entry => entry.name === name)
  throw new UserError({
    what: published ? `A page cannot load ${name} by its name.` : `There is no data set called ${name}.`,
    expected: 'shapes',
    ...(published && {
      fix: `load it in Node and serve its pixels: a data set is {name, shape, classNames, train: {images, labels, count}, test}`,
    }),
  })
}
