/**
 * Changes to JSON that stay JSON: another value in the place of one, members left out, doubled, renamed, moved elsewhere, nested without
 * end. In: text. Out: text, in which a key may stand twice.
 */
import type { Draws } from './random.ts'

type Member = readonly [key: string, value: Tree]
/** A record as a list of members: so that a key can stand twice. */
type Tree = { readonly members: readonly Member[] } | { readonly items: readonly Tree[] } | string

const isRecord = (tree: Tree): tree is { readonly members: readonly Member[] } =>
  typeof tree !== 'string' && 'members' in tree
const isList = (tree: Tree): tree is { readonly items: readonly Tree[] } => typeof tree !== 'string' && 'items' in tree

/** As text; what a leaf is changed to. */
const leaves = [
  ...['null', 'true', 'false', '0', '-0', '-1', '1', '0.5', '1e308', '-1e308', '1e999', '2147483648', '4294967296'],
  ...[
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '18446744073709551616',
    '1e20',
    '""',
    '[]',
    '{}',
    '[[]]',
  ],
  ...[
    '"__proto__"',
    '"constructor"',
    '"toString"',
    '"../../../../../../etc/passwd"',
    '"/etc/passwd"',
    '"http://127.0.0.1:9/x"',
  ],
  ...['"file:///etc/passwd"', '"C:\\\\windows"', '"\\u0000"', '"\\ud800"', '"NaN"', '"Infinity"', 'NaN', '"a,b\\n"'],
  ...['"<script>"', '"lambda x: x"', '"Lambda"', '[0]', '[-1,-1]', '[4294967296,4294967296]', '[9007199254740991,2]'],
]
const keys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  'class_name',
  'config',
  'then',
]

function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { items: value.map(treeOf) }
  if (typeof value === 'object' && value !== null)
    return { members: Object.entries(value).map(([key, each]) => [key, treeOf(each)]) }
  return JSON.stringify(value)
}

function textOf(tree: Tree): string {
  if (typeof tree === 'string') return tree
  if (isList(tree)) return `[${tree.items.map(textOf).join(',')}]`
  return `{${tree.members.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(',')}}`
}

function nodesIn(tree: Tree): Tree[] {
  if (typeof tree === 'string') return [tree]
  const below = isList(tree) ? tree.items : tree.members.map(([, value]) => value)
  return [tree, ...below.flatMap(nodesIn)]
}

/** The tree with another node in place of the one that is met as the `at`th. */
function replaced(tree: Tree, at: { left: number }, change: (tree: Tree) => Tree): Tree {
  if (at.left-- === 0) return change(tree)
  if (typeof tree === 'string' || at.left < 0) return tree
  if (isList(tree)) return { items: tree.items.map(each => replaced(each, at, change)) }
  return { members: tree.members.map(([key, value]) => [key, replaced(value, at, change)]) }
}

function changedTree(tree: Tree, draws: Draws): Tree {
  const nodes = nodesIn(tree)
  return replaced(tree, { left: draws.below(nodes.length) }, node => {
    const kind = draws.below(10)
    if (kind === 0) return draws.of(nodes)
    if (kind === 1) return deep(draws)
    if (isRecord(node) && kind < 8)
      return { members: changedList(node.members, draws, member => otherMember(member, draws)) }
    if (isList(node) && kind < 8) return { items: changedList(node.items, draws, () => draws.of(leaves)) }
    return draws.of(leaves)
  })
}

const otherMember = ([key, value]: Member, draws: Draws): Member =>
  draws.once(2) ? [draws.of(keys), value] : [key, draws.of(leaves)]

/** One left out, one twice, one many times, two in another order, or one changed. */
function changedList<T>(list: readonly T[], draws: Draws, other: (each: T) => T): readonly T[] {
  if (list.length === 0) return list
  const most = Math.ceil(largest / (1 + JSON.stringify(list).length))
  const at = draws.below(list.length)
  const [before, each, behind] = [list.slice(0, at), list[at]!, list.slice(at + 1)]
  const kind = draws.below(5)
  if (kind === 0) return [...before, ...behind]
  if (kind === 1) return [...list, each]
  if (kind === 2) return [...before, ...new Array<T>(Math.min(draws.of([3, 100, 3000]), most)).fill(each), ...behind]
  if (kind === 3) return [...behind, each, ...before]
  return [...before, other(each), ...behind]
}

function deep(draws: Draws): string {
  const depth = draws.of([10, 200, 600, 20_000])
  const [open, end] = draws.of([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"class_name":"Sequential","config":{"layers":[', ']}}'],
  ] as const)
  return `${open.repeat(depth)}1${end.repeat(depth)}`
}

/** Of a text, in signs: changes on changes would grow without end. */
const largest = 200_000

/** One or two changes. What is no JSON stays as it is. */
export function changedJson(text: string, draws: Draws): string {
  if (text.length > largest) return text
  try {
    let tree = treeOf(JSON.parse(text))
    for (let change = draws.once(3) ? 1 : 0; change >= 0; change--) tree = changedTree(tree, draws)
    return textOf(tree)
  } catch (error) {
    // What is no JSON any more, and what is nested deeper than this program walks.
    if (error instanceof SyntaxError || error instanceof RangeError) return text
    throw error
  }
}
