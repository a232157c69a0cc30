/** One order for the classes of several models, by their names. In: what each calls its classes. Out: the names of the first, and where the others have each. */
import { UserError } from './errors.ts'
import { shortList } from './text.ts'

export interface NamedClasses {
  /** Of the model, for messages. */
  readonly name: string
  readonly classNames: readonly string[]
}

export interface ClassOrder {
  readonly classNames: readonly string[]
  /** For each model: the place of every class among its own. */
  readonly places: readonly (readonly number[])[]
}

/** Throws UserError where they tell other classes apart, and where a name is ambiguous. */
export function classOrder(models: readonly NamedClasses[]): ClassOrder {
  const [first] = models
  const classNames = first!.classNames
  const places = models.map(model => {
    const own = model.classNames
    const inOrder = own.length === classNames.length && own.every((name, index) => name === classNames[index])
    if (inOrder) return own.map((_, index) => index)
    checkSame(first!, model)
    return classNames.map(name => own.indexOf(name))
  })
  return { classNames, places }
}

function checkSame(first: NamedClasses, other: NamedClasses): void {
  const [expected, received] = [new Set(first.classNames), new Set(other.classNames)]
  const isSame =
    first.classNames.length === other.classNames.length &&
    expected.size === first.classNames.length &&
    [...expected].every(name => received.has(name))
  if (isSame) return
  throw new UserError({
    what: `${other.name} tells other classes apart than ${first.name}.`,
    expected: `the same names, in any order: ${shortList(first.classNames)}`,
    received: shortList(other.classNames),
    fix: 'ask models that were trained on the same classes; set classNames where a model does not name them',
  })
}
