/**
 * The library's public names as TypeDoc reads them from the sources: what each is, and in which entries it exists. Types that can be
 * seen in a signature without being public come along (`isHidden`), since a reader asks what they are.
 */
import { Application } from 'typedoc'
import { inRoot, library } from '../settings.js'

const hiddenModule = '<hidden>'

/** @typedef {{ name: string, reflection: import('typedoc').DeclarationReflection, places: string[] }} PublicName */

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
  const project = await app.convert()
  if (!project || app.logger.hasErrors()) throw new Error('TypeDoc could not read the library')

  const names = new Map()
  for (const { file, place } of library.entries) {
    const module = project.children.find(({ sources }) => sources?.some(source => file.endsWith(source.fileName)))
    if (!module) throw new Error(`TypeDoc gives no module for ${file}`)
    for (const child of module.children) {
      if (child.name === hiddenModule) continue
      const known = names.get(child.name)
      if (known) known.places.push(place)
      else names.set(child.name, { name: child.name, reflection: targetOf(child), places: [place] })
    }
  }
  return names
}

const targetOf = reflection => (reflection.isReference() ? reflection.getTargetReflectionDeep() : reflection)

/** Whether this is a type of our own that nobody can import. */
export const isHidden = reflection =>
  reflection.parent?.name === hiddenModule &&
  !reflection.sources?.some(({ fileName }) => fileName.includes('node_modules'))

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
      if (type.name === 'ReturnType')
        return membersOf(type.typeArguments?.[0]?.queryType?.reflection?.signatures?.[0]?.type)
      const { reflection } = type
      return reflection?.children ?? membersOf(reflection?.type)
    }
    default:
      return []
  }
}
