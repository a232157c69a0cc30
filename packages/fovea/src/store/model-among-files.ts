/** Which of several files is the model that they belong to, by their names. In: the names in a folder, or of files that were chosen. */
import { UserError } from '../base/errors.ts'
import { shortList } from '../base/text.ts'
import { endingIn } from './foreign-model.ts'
import { availableFormats } from './model-formats.ts'

/** Files of weights. */
const shard = /\.bin$|-shard\d+of\d+$/i
/** What lies beside a model and is none. */
const besideModels = /(^|[\\/])(metadata|package|package-lock|tsconfig|expected)\.json$/i

/** Those that are called like models. */
export async function modelsAmong(names: readonly string[]): Promise<readonly string[]> {
  const endings = (await availableFormats()).flatMap(each => each.endings)
  const named = names.filter(name => endingIn(endings, name) !== undefined)
  if (named.length > 0 || !names.some(name => shard.test(name))) return named
  // A model of TensorFlow.js may be called otherwise; its weights lie beside it.
  return names.filter(name => /\.json$/i.test(name) && !besideModels.test(name))
}

/** Throws UserError where none of them is a model, and where several are. */
export async function mainOf(names: readonly string[], source: string): Promise<string> {
  const endings = (await availableFormats()).flatMap(each => each.endings)
  const found = await modelsAmong(names)
  if (found.length === 1) return found[0]!
  throw new UserError({
    what: found.length === 0 ? `${source} holds no model.` : `${source} holds several models.`,
    expected: `one file called like ${endings.join(', ')}`,
    received: shortList(found.length === 0 ? names : found),
    fix: found.length === 0 ? 'name the file of the model' : 'name one of them',
  })
}
