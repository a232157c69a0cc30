/**
 * Reads the sources as text: what each file imports and which words its code uses (comments and strings left out).
 * Text is enough because the formatter fixes the form of imports; a scanner of strings, templates and comments keeps words
 * inside generated code and prose from counting as code.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

export interface Import {
  /** As written: `../base/shape.ts`, `node:fs`, `fast-png`. */
  specifier: string
  /** Only types are imported: nothing of it is left at run time. */
  typeOnly: boolean
}

export interface SourceFile {
  /** Path from the repository's root, with forward slashes. */
  path: string
  lines: number
  imports: Import[]
  /** The code without comments and with empty strings. */
  code: string
  /** The texts of its strings and templates. */
  strings: string[]
}

/** All `.ts` files below the folders, sorted by path. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  return folders
    .flatMap(folder => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter(
      entry =>
        entry.isFile() && entry.name.endsWith('.ts') && !/[\\/](dist|node_modules)([\\/]|$)/.test(entry.parentPath),
    )
    .map(entry => readSource(relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/')))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  return { path, ...parseSource(text) }
}

export function parseSource(text: string): Omit<SourceFile, 'path'> {
  const { code, strings } = scan(text)
  return {
    lines: text.trimEnd().split('\n').length,
    imports: importsOf(code, strings),
    code: code.replace(/§\d+§/g, "''"),
    strings,
  }
}

const statement =
  /(?:^|[;\n])\s*(import|export)\s+(type\s+)?(?:([\w$*\s{},]+?)\s+from\s+)?§(\d+)§|\bimport\s*\(\s*§(\d+)§\s*[,)]/g

function importsOf(code: string, strings: readonly string[]): Import[] {
  const imports: Import[] = []
  for (const [, keyword, type, names, index, dynamic] of code.matchAll(statement)) {
    if (dynamic !== undefined) imports.push({ specifier: strings[Number(dynamic)]!, typeOnly: false })
    else if (keyword === 'import' || names !== undefined) {
      imports.push({ specifier: strings[Number(index)]!, typeOnly: type !== undefined || onlyTypeNames(names) })
    }
  }
  return imports
}

/** `{ type A, type B }` imports types only, though the statement itself is not `import type`. */
function onlyTypeNames(names: string | undefined): boolean {
  const list = names?.match(/^\{([^}]*)\}$/)?.[1]
  const parts = list?.split(',').filter(part => part.trim() !== '')
  return parts !== undefined && parts.length > 0 && parts.every(part => /^\s*type\s/.test(part))
}

/** Replaces comments by a blank and every string or template text by `§index§`; code inside `${…}` stays code. */
function scan(text: string): { code: string; strings: string[] } {
  const strings: string[] = []
  let code = ''
  let at = 0
  /** Depth of braces at which each open template continues. */
  const templates: number[] = []
  let depth = 0

  const keep = (content: string): void => {
    code += `§${strings.length}§`
    strings.push(content)
  }

  const templateText = (): void => {
    const start = at
    while (at < text.length && text[at] !== '`' && !text.startsWith('${', at)) at += text[at] === '\\' ? 2 : 1
    keep(text.slice(start, at))
    if (text[at] === '`') at++
    else {
      at += 2
      templates.push(depth++)
      code += ' + '
    }
  }

  while (at < text.length) {
    const rest = text.slice(at, at + 2)
    const character = text[at]!
    if (rest === '//') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (rest === '/*') {
      at = text.indexOf('*/', at + 2) + 2
      code += ' '
    } else if (character === "'" || character === '"') {
      const start = ++at
      while (at < text.length && text[at] !== character) at += text[at] === '\\' ? 2 : 1
      keep(text.slice(start, at++))
    } else if (character === '`') {
      at++
      templateText()
    } else if (character === '/' && /(?:^|[(,=:[!&|?{};\n>]|\breturn|\btypeof)\s*$/.test(code.slice(-24))) {
      at = endOfRegularExpression(text, at)
      code += '/./'
    } else {
      if (character === '{') depth++
      if (character === '}') {
        depth--
        if (templates.at(-1) === depth) {
          templates.pop()
          at++
          code += ' + '
          templateText()
          continue
        }
      }
      code += character
      at++
    }
  }
  return { code, strings }
}

function endOfRegularExpression(text: string, start: number): number {
  let inClass = false
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '[') inClass = true
    else if (text[at] === ']') inClass = false
    else if (text[at] === '/' && !inClass) return at + 1
  }
  return start + 1
}
