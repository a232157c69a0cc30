/** What names of files and folders say in a set of pictures, on disk and in a page: the order, the parts, what nobody means. */

/** By code units, runs of digits by their number: `9` before `10`. The same on every system and in every language. */
export function naturalOrder(a: string, b: string): number {
  const [left, right] = [a, b].map(name => name.normalize('NFC').split(/(\d+)/)) as [string[], string[]]
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [one, other] = [left[at]!, right[at]!]
    if (one === other) continue
    // Every second part is digits.
    const difference = at % 2 === 1 ? Number(BigInt(one) - BigInt(other)) : 0
    if (difference !== 0) return difference
    if (one !== other) return one < other ? -1 : 1
  }
  return left.length - right.length
}

const partFolders = {
  train: ['train', 'training'],
  validation: ['valid', 'val', 'validation', 'dev'],
  test: ['test', 'testing'],
}

/** The part that a folder of this name holds, if it is the name of one. */
export function partOfFolder(name: string): keyof typeof partFolders | undefined {
  const parts = Object.keys(partFolders) as (keyof typeof partFolders)[]
  return parts.find(part => partFolders[part].includes(name.toLowerCase()))
}

/** Whether a folder of this name holds pictures that are none of the classes. */
export const isUnknownFolder = (name: string): boolean => name.toLowerCase() === 'unknown'

/** What systems and programs leave in folders, in small letters, and who does. */
const leftBehind: ReadonlyMap<string, string> = new Map([
  ['thumbs.db', 'Windows'],
  ['ehthumbs.db', 'Windows'],
  ['desktop.ini', 'Windows'],
  ['$recycle.bin', 'Windows'],
  ['system volume information', 'Windows'],
  ['__macosx', 'macOS'],
  ['icon\r', 'macOS'],
  ['@eadir', 'a network drive'],
  ['__pycache__', 'Python'],
])

/** Why nobody would look at a file or folder of this name; undefined for those that may be meant. */
export function passedOverName(name: string, isFolder: boolean): string | undefined {
  if (name.startsWith('.')) return `a hidden ${isFolder ? 'folder' : 'file'}`
  const by = leftBehind.get(name.toLowerCase())
  return by === undefined ? undefined : `left behind by ${by}`
}
