/** One name of the API as HTML: how it is written, what its docstring says, and its options, fields and methods. */
import { ReflectionKind } from 'typedoc'
import { commentHtml, escapeHtml } from '../markdown.js'
import { callsOf, commentOf, isHidden, isType, membersOf } from './read.js'

/**
 * @param {{ name: string, anchor: string, reflection: import('typedoc').DeclarationReflection }} item
 * @param {ReturnType<typeof import('./type-html.js').typeHtml>} print
 * @param {string} note where it exists, if not everywhere
 */
export function entryHtml({ name, anchor, reflection }, print, note) {
  const kind = kindOf(reflection)
  const marks = [kind, note].filter(Boolean).map(mark => `<span class="mark" data-pagefind-ignore>${mark}</span>`)
  const heading = `<h2 id="${anchor}"><a class="anchor" href="#${anchor}">${escapeHtml(name)}</a> ${marks.join(' ')}</h2>`
  const text = commentHtml(commentOf(reflection))
  return `<section class="name">\n${heading}\n<pre><code>${written(reflection, name, print)}</code></pre>\n${text}${typeParameters(reflection)}${members(reflection, print)}</section>`
}

function kindOf(reflection) {
  if (callsOf(reflection).length > 0 && !isType(reflection)) return 'function'
  return { [ReflectionKind.Class]: 'class', [ReflectionKind.Variable]: 'constant' }[reflection.kind] ?? 'type'
}

/** The declaration without its members. */
function written(reflection, name, print) {
  const parameters = print.typeParameters(reflection.typeParameters)
  switch (reflection.kind) {
    case ReflectionKind.Interface: {
      const calls = (reflection.signatures ?? []).map(call => `  ${print.signature(call, '')}\n`)
      const indexed = (reflection.indexSignatures ?? []).map(
        ({ parameters: [key], type }) => `  [${key.name}: ${print.type(key.type)}]: ${print.type(type)}\n`,
      )
      const inside = [...calls, ...indexed].join('')
      return `interface ${name}${parameters}${inside && ` {\n${inside}}`}`
    }
    case ReflectionKind.TypeAlias:
      return `type ${name}${parameters}${isRecord(reflection.type) ? '' : ` = ${print.type(reflection.type)}`}`
    case ReflectionKind.Class:
      return constructorOf(reflection)
        .map(call => print.signature(call, name))
        .join('\n')
    default: {
      const calls = callsOf(reflection)
      if (calls.length > 0) return calls.map(call => print.signature(call, name)).join('\n')
      return `const ${name}: ${print.type(reflection.type)}`
    }
  }
}

/** A record is shown by its members; TypeDoc gives one that is written as an alias no type, but the members alone. */
const isRecord = type => type === undefined || (type.type === 'reflection' && !type.declaration.signatures)
const constructorOf = reflection =>
  reflection.children?.find(({ kind }) => kind === ReflectionKind.Constructor)?.signatures ?? []

function typeParameters(reflection) {
  const told = reflection.comment?.blockTags.filter(({ tag }) => tag === '@typeParam') ?? []
  return told
    .map(({ name, content }) => commentHtml(`\`${name}\`: ${content.map(({ text }) => text).join('')}`))
    .join('')
}

/** Options that a function takes, or fields and methods of a type, each with its docstring. */
function members(reflection, print) {
  const own = kindOf(reflection) === 'function' ? options(reflection) : fields(reflection)
  if (own.length === 0) return ''
  const rows = own.map(
    member => `<dt><code>${print.field(member)}</code></dt>\n<dd>${commentHtml(commentOf(member))}</dd>`,
  )
  return `<dl class="members">\n${rows.join('\n')}\n</dl>\n`
}

/** Of parameters whose type has no place of its own; what must be given comes first. */
function options(reflection) {
  const parameters = callsOf(reflection).flatMap(call => call.parameters ?? [])
  const hidden = parameters.filter(
    ({ type }) => type.type !== 'reference' || (type.reflection && isHidden(type.reflection)),
  )
  const members = distinct(hidden.flatMap(({ type }) => membersOf(type)))
  return [...members.filter(({ flags }) => !flags.isOptional), ...members.filter(({ flags }) => flags.isOptional)]
}

function fields(reflection) {
  const members = reflection.children ?? membersOf(reflection.type)
  return distinct(
    members.filter(({ kind, flags }) => kind !== ReflectionKind.Constructor && !flags.isExternal && !flags.isPrivate),
  )
}

const distinct = members => members.filter(({ name }, at) => members.findIndex(other => other.name === name) === at)
