/**
 * Types as HTML in TypeScript's notation, from TypeDoc's model. Every name that the site explains is a link; `linkOf` gives its address.
 */
import { ReflectionKind } from 'typedoc'
import { escapeHtml } from '../markdown.js'

/** @param {(reflection: import('typedoc').Reflection) => string | undefined} linkOf */
export function typeHtml(linkOf) {
  const name = (text, reflection) => {
    const link = reflection && linkOf(reflection)
    return link ? `<a href="${link}">${escapeHtml(text)}</a>` : escapeHtml(text)
  }
  const list = (types, separator) => types.map(type => print(type)).join(separator)
  /** Parts of a union or the element of an array, in brackets where they would read otherwise. */
  const part = type => {
    const isFunction = type.type === 'reflection' && type.declaration.signatures
    const brackets = isFunction || ['union', 'intersection', 'conditional', 'typeOperator', 'query'].includes(type.type)
    return brackets ? `(${print(type)})` : print(type)
  }

  const printers = {
    intrinsic: type => type.name,
    literal: type => escapeHtml(typeof type.value === 'string' ? `'${type.value}'` : String(type.value)),
    array: type => `${part(type.elementType)}[]`,
    union: type => joined(type.types, ' | '),
    intersection: type => joined(type.types, ' &amp; '),
    tuple: type => `[${list(type.elements, ', ')}]`,
    namedTupleMember: type => `${type.name}${type.isOptional ? '?' : ''}: ${print(type.element)}`,
    optional: type => `${part(type.elementType)}?`,
    rest: type => `...${print(type.elementType)}`,
    typeOperator: type => `${type.operator} ${print(type.target)}`,
    query: type => `typeof ${print(type.queryType)}`,
    indexedAccess: type => `${part(type.objectType)}[${print(type.indexType)}]`,
    predicate: type => `${type.name} is ${print(type.targetType)}`,
    reference: type => name(type.name, type.reflection) + typeArguments(type.typeArguments),
    reflection: ({ declaration }) => {
      if (declaration.signatures) return declaration.signatures.map(signature => arrow(signature)).join(' &amp; ')
      const fields = (declaration.children ?? []).map(child => field(child))
      const indexed = (declaration.indexSignatures ?? []).map(
        ({ parameters: [key], type }) => `[${key.name}: ${print(key.type)}]: ${print(type)}`,
      )
      return `{ ${[...fields, ...indexed].join('; ')} }`
    },
  }

  const joined = (types, separator) =>
    types
      .map(type => (type.type === 'reflection' && type.declaration.signatures ? part(type) : print(type)))
      .join(separator)
  /** The buffer of a typed array, which TypeScript adds everywhere, says nothing. */
  const typeArguments = (types = []) => {
    const told = types.filter(({ name }) => name !== 'ArrayBufferLike')
    return told.length > 0 ? `&lt;${list(told, ', ')}&gt;` : ''
  }
  const typeParameters = (parameters = []) =>
    parameters.length > 0
      ? `&lt;${parameters
          .map(
            each =>
              each.name +
              (each.type ? ` extends ${print(each.type)}` : '') +
              (each.default ? ` = ${print(each.default)}` : ''),
          )
          .join(', ')}&gt;`
      : ''
  const parameterList = (parameters = []) =>
    parameters.map(
      each =>
        `${each.flags.isRest ? '...' : ''}${each.name === '__namedParameters' ? 'options' : each.name}${isOptional(each) ? '?' : ''}: ${print(each.type)}`,
    )
  const arrow = signature =>
    `${typeParameters(signature.typeParameters)}(${parameterList(signature.parameters).join(', ')}) =&gt; ${print(signature.type)}`

  function print(type) {
    if (type === undefined) return 'unknown'
    const printer = printers[type.type]
    return printer ? printer(type) : escapeHtml(type.toString())
  }

  /** `name?: type` or `name(a: A): B` of a field or method. */
  function field(member) {
    const name = `${member.name}${member.flags.isOptional ? '?' : ''}`
    if (member.signatures) return member.signatures.map(each => signature(each, name)).join('; ')
    return `${name}: ${print(member.type ?? member.getSignature?.type)}`
  }

  /** One call, its parameters below each other when they do not fit on a line. */
  function signature(call, called = call.name) {
    const parameters = parameterList(call.parameters)
    const result = call.kind === ReflectionKind.ConstructorSignature ? '' : `: ${print(call.type)}`
    const begin = `${call.kind === ReflectionKind.ConstructorSignature ? 'new ' : ''}${called}${typeParameters(call.typeParameters)}`
    const line = `${begin}(${parameters.join(', ')})${result}`
    if (line.replace(/<[^>]*>|&[^;]+;/g, '').length <= 96 || parameters.length === 0) return line
    return `${begin}(\n${parameters.map(each => `  ${each},\n`).join('')})${result}`
  }

  return { type: print, field, signature, typeParameters }
}

const isOptional = parameter => parameter.flags.isOptional || parameter.defaultValue !== undefined
