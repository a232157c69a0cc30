/** Which of several files is the model that they belong to, by their names. In: the names in a folder, or of files that were chosen. */
import { UserError } from '../base/errors.ts'
import { shortList } from '../base/text.ts'
import { endingIn } from './foreign-model.ts'
import { availableFormats } from './model-formats.ts'

/** What lies beside a model and is none. */
const besideModels = /(^|[\\/])(metadata|package|package-lock|tsconfig|expected)\.json$/i

/** Throws UserError where none of them is a model, and where several are. */
export async function mainOf(names: readonly string[], source: string): Promise<string> {
  const formats = await availableFormats()
  const endings = formats.flatMap(each => each.endings)
  const named = names.filter(name => endingIn(endings, name) !== undefined)
  // A model of TensorFlow.js may be called otherwise.
  const found = named.length > 0 ? named : names.filter(name => /\.json$/i.test(name) && !besideModels.test(name))
  if (found.length === 1) return found[0]!
  throw new UserError({
    what: found.length === 0 ? `${source} holds no model.` : `${source} holds several models.`,
    expected: `one file called like ${endings.join(', ')}`,
    received: shortList(found.length === 0 ? names : found),
    fix: found.length === 0 ? 'name the file of the model' : 'name one of them',
  })
}
