/** The programs in `examples`, and the solutions of the exercises: paths and texts. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './source-files.testing.ts'

export interface Example {
  /** `examples/01-data-set.js`. */
  readonly path: string
  readonly name: string
  readonly text: string
}

/** In learning order: the files that begin with a number. The others are what they share. */
export const examples = (): Example[] => programsIn('examples')
export const solutions = (): Example[] => programsIn('examples/solutions')

/** The page that a program leaves. */
export const pageOf = ({ path }: Example): string =>
  join(root, 'examples/out', path.replace('examples/', '').replace('/', '-').replace(/js$/, 'html'))

function programsIn(folder: string): Example[] {
  return readdirSync(join(root, folder))
    .filter(name => /^\d\d-.*\.js$/.test(name))
    .sort()
    .map(name => ({ path: `${folder}/${name}`, name, text: readFileSync(join(root, folder, name), 'utf8') }))
}
