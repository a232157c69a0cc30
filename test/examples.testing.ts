/** The programs in `examples`: names and texts. */
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
export function examples(): Example[] {
  return readdirSync(join(root, 'examples'))
    .filter(name => /^\d\d-.*\.js$/.test(name))
    .sort()
    .map(name => ({ path: `examples/${name}`, name, text: readFileSync(join(root, 'examples', name), 'utf8') }))
}
