/**
 * The library's public names as TypeDoc reads them from the sources: what each is, and in which entries it exists. Types that can be
 * seen in a signature without being public come along (`isHidden`), since a reader asks what they are.
 */
import { Application, Converter, LiteralType, ReflectionKind, UnionType } from 'typedoc'
import { inRoot, library } from '../settings.js'

const hiddenModule = '<hidden>'

/** @typedef {{ name: string, reflection: import('typedoc').DeclarationReflection, entries: typeof library.entries }} PublicName */

/** @returns {Promise<Map<string, PublicName>>} in the order of the entries */
export async function readPublicNames() {
  const app = await Application.bootstrapWithPlugins({
    entryPoints: library.entries.map(({ file }) => inRoot(file)),
    tsconfig: inRoot(library.tsconfig),
    basePath: inRoot('.'),
    plugin: ['typedoc-plugin-missing-exports'],
    internalModule: hiddenModule,
    // Types are checked elsewhere, by the compiler the library is built with.
    skipErrorChecking: true,
    sort: ['required-first', 'source-order'],
    excludeExternals: true,
    disableGit: true,
    sourceLinkTemplate: '{path}',
    logLevel: 'Error',
  })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, spellOut)
  const project = await app.convert()
  if (!project || app.logger.hasErrors()) throw new Error('TypeDoc could not read the library')

  const names = new Map()
  for (const entry of library.entries) {
    const module = project.children.find(({ sources }) => sources?.some(({ fileName }) => fileName === entry.file))
    if (!module) throw new Error(`TypeDoc gives no module for ${entry.file}`)
    for (const child of module.children) {
      if (child.name === hiddenModule) continue
      const known = names.get(child.name)
      if (known) known.entries.push(entry)
      else names.set(child.name, { name: child.name, reflection: targetOf(child), entries: [entry] })
    }
  }
  return names
}

/** Types of words that are computed (`keyof typeof table`) are shown as those words. */
function spellOut(context) {
  const checker = context.programs[0].getTypeChecker()
  for (const reflection of context.project.getReflectionsByKind(ReflectionKind.TypeAlias)) {
    const symbol = context.getSymbolFromReflection(reflection)
    const { types = [] } = symbol ? checker.getDeclaredTypeOfSymbol(symbol) : {}
    const words = types.filter(type => type.isStringLiteral()).map(({ value }) => new LiteralType(value))
    if (words.length > 0 && words.length === types.length) reflection.type = new UnionType(words)
  }
}

const targetOf = reflection => (reflection.isReference() ? reflection.getTargetReflectionDeep() : reflection)

/** Whether this is a type of our own that nobody can import. */
export const isHidden = reflection =>
  reflection.parent?.name === hiddenModule &&
  !reflection.sources?.some(({ fileName }) => fileName.includes('node_modules'))

export const isType = reflection => reflection.kindOf([ReflectionKind.Interface, ReflectionKind.TypeAlias])

/** The ways to call it: of a function, or of a constant that holds one. */
export function callsOf(reflection) {
  return reflection.signatures ?? reflection.type?.declaration?.signatures ?? []
}

/** What the docstring says, as Markdown; the empty text where there is none. */
export function commentOf(reflection) {
  const comment = reflection.comment ?? callsOf(reflection)[0]?.comment ?? reflection.getSignature?.comment
  return (comment?.summary ?? []).map(({ text }) => text).join('')
}

/** Properties and methods of a type: those of an interface, of a record, of everything joined by `&`. Empty for what has none. */
export function membersOf(type) {
  switch (type?.type) {
    case 'reflection':
      return type.declaration.children ?? []
    case 'intersection':
      return type.types.flatMap(membersOf)
    case 'reference': {
      if (['Partial', 'Readonly', 'Required'].includes(type.name)) return membersOf(type.typeArguments?.[0])
      const { reflection } = type
      return reflection?.children ?? membersOf(reflection?.type)
    }
    default:
      return []
  }
}

/** Hidden types that a function takes, whose members are its options. */
export function optionTypesOf(reflection) {
  if (isType(reflection)) return []
  const types = callsOf(reflection).flatMap(call => (call.parameters ?? []).map(({ type }) => type))
  const parts = types.flatMap(type => (type.type === 'intersection' ? type.types : [type]))
  return parts
    .filter(part => part.reflection && isHidden(part.reflection) && membersOf(part).length > 0)
    .map(part => part.reflection)
}
