/**
 * Pickle files of Python, as far as labelled pictures are kept in them: dictionaries, lists, tuples, texts, whole numbers and NumPy
 * arrays of bytes. In: the bytes of a file. Out: the value. A pickle is a program for a small stack machine; this one constructs
 * nothing else, calls nothing, and refuses every instruction and name beyond these. Every instruction takes a byte at least, so time
 * is bounded; so is memory, by the number of instructions.
 * Sources: Python's pickletools.py (protocols 2 to 5), NumPy's `ndarray.__reduce__` and `__setstate__`.
 */
import { UserError } from '../base/errors.ts'
import { otherCopy } from './other-copy.ts'

/** An array of bytes (`uint8`), in C's order or Fortran's. */
export class PickledArray {
  shape: readonly number[] = []
  fortran = false
  data = new Uint8Array()
}

/** Byte strings (of Python 2 all strings) are views of the file. Keys of dictionaries are texts, whatever they were. */
export type Pickled =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Pickled[]
  | Map<string, Pickled>
  | PickledArray
  | Named

/** A name of Python that is known here, or the type of an array's elements. */
class Named {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** `module name` of Python, and what it does here. */
const names: Readonly<Record<string, string>> = {
  'numpy.core.multiarray _reconstruct': 'array',
  'numpy._core.multiarray _reconstruct': 'array',
  'numpy.core.numeric _frombuffer': 'arrayOfBytes',
  'numpy._core.numeric _frombuffer': 'arrayOfBytes',
  'numpy ndarray': 'class',
  'numpy dtype': 'type',
  '_codecs encode': 'encode',
}

/** CIFAR-100 takes some 200,000. */
const mostInstructions = 1e6

/** The value in a pickle. `file` names it in errors. @throws UserError: no pickle, cut off, or of what is not read here. */
export function parsePickle(bytes: Uint8Array, file: string): Pickled {
  try {
    return run(bytes)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    throw new UserError({
      what: `${file} cannot be read as a pickle file of pictures.`,
      expected: 'dictionaries, lists, texts, numbers and NumPy arrays of bytes, by pickle protocol 2 to 5',
      received: error.message,
      fix: otherCopy,
    })
  }
}

class Refused extends Error {}

function fail(received = 'a damaged file'): never {
  throw new Refused(received)
}

function run(bytes: Uint8Array): Pickled {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stack: Pickled[] = []
  const marks: number[] = []
  const memo = new Map<number, Pickled>()
  let at = 0

  /** The place of the next bytes, checked to be there. */
  const take = (length: number): number => {
    if (length > bytes.length - at) fail(`${bytes.length} bytes: it is cut off, or damaged`)
    at += length
    return at - length
  }
  const u1 = (): number => bytes[take(1)]!
  const u2 = (): number => view.getUint16(take(2), true)
  const u4 = (): number => view.getUint32(take(4), true)
  const u8 = (): number => Number(view.getBigUint64(take(8), true))
  const blob = (length: number): Uint8Array => {
    const begin = take(length)
    return bytes.subarray(begin, begin + length)
  }
  const text = (length: number): string => new TextDecoder().decode(new Uint8Array(blob(length)))
  const line = (): string => {
    const end = bytes.indexOf(0x0a, at)
    const said = text(end < 0 ? bytes.length + 1 : Math.min(end - at, 1000))
    at++
    return said
  }
  const pop = (): Pickled => (stack.length > (marks.at(-1) ?? 0) ? stack.pop()! : fail())
  const top = (): Pickled => (stack.length > 0 ? stack.at(-1)! : fail())
  const sinceMark = (): Pickled[] => stack.splice(marks.pop() ?? fail())
  const named = (name: string): Named =>
    new Named(
      Object.hasOwn(names, name) ? names[name]! : fail(`the name ${name.replace(' ', '.')}, which is not used here`),
    )
  const recall = (index: number): Pickled => memo.get(index) ?? fail()
  const append = (items: readonly Pickled[]): void => {
    const list = top()
    if (!Array.isArray(list)) fail()
    for (const item of items) list.push(item)
  }
  const put = (items: readonly Pickled[]): void => {
    const dictionary = top()
    if (!(dictionary instanceof Map)) fail()
    for (let index = 0; index + 1 < items.length; index += 2) dictionary.set(keyOf(items[index]!), items[index + 1]!)
  }
  const keyOf = (value: Pickled): string => {
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    return value instanceof Uint8Array && value.length < 1000 ? latin(value) : fail('a dictionary with other keys')
  }

  const instructions: Readonly<Record<number, () => void>> = {
    128: () => take(1), // PROTO
    149: () => take(8), // FRAME
    40: () => marks.push(stack.length), // MARK
    48: pop, // POP
    78: () => stack.push(null), // NONE
    136: () => stack.push(true), // NEWTRUE
    137: () => stack.push(false), // NEWFALSE
    75: () => stack.push(u1()), // BININT1
    77: () => stack.push(u2()), // BININT2
    74: () => stack.push(view.getInt32(take(4), true)), // BININT
    138: () => stack.push(wholeNumber(blob(u1()))), // LONG1
    85: () => stack.push(blob(u1())), // SHORT_BINSTRING
    84: () => stack.push(blob(u4())), // BINSTRING
    67: () => stack.push(blob(u1())), // SHORT_BINBYTES
    66: () => stack.push(blob(u4())), // BINBYTES
    142: () => stack.push(blob(u8())), // BINBYTES8
    150: () => stack.push(blob(u8())), // BYTEARRAY8
    140: () => stack.push(text(u1())), // SHORT_BINUNICODE
    88: () => stack.push(text(u4())), // BINUNICODE
    141: () => stack.push(text(u8())), // BINUNICODE8
    93: () => stack.push([]), // EMPTY_LIST
    41: () => stack.push([]), // EMPTY_TUPLE
    125: () => stack.push(new Map()), // EMPTY_DICT
    133: () => stack.push([pop()]), // TUPLE1
    134: () => stack.push([pop(), pop()].reverse()), // TUPLE2
    135: () => stack.push([pop(), pop(), pop()].reverse()), // TUPLE3
    116: () => stack.push(sinceMark()), // TUPLE
    108: () => stack.push(sinceMark()), // LIST
    97: () => append([pop()]), // APPEND
    101: () => append(sinceMark()), // APPENDS
    115: () => put([pop(), pop()].reverse()), // SETITEM
    117: () => put(sinceMark()), // SETITEMS
    113: () => memo.set(u1(), top()), // BINPUT
    114: () => memo.set(u4(), top()), // LONG_BINPUT
    148: () => memo.set(memo.size, top()), // MEMOIZE
    104: () => stack.push(recall(u1())), // BINGET
    106: () => stack.push(recall(u4())), // LONG_BINGET
    99: () => stack.push(named(`${line()} ${line()}`)), // GLOBAL
    147: () => stack.push(named([pop(), pop()].reverse().map(nameIn).join(' '))), // STACK_GLOBAL
    82: () => stack.push(called([pop(), pop()].reverse())), // REDUCE
    98: () => build(pop(), top()), // BUILD
  }

  for (let count = 0; ; count++) {
    const code = u1()
    if (code === 0x2e) return pop()
    if (count === mostInstructions) fail(`more than ${mostInstructions} instructions`)
    const instruction = instructions[code] ?? fail(count === 0 ? 'no pickle' : `the instruction ${code}`)
    instruction()
  }
}

/** What the functions give that are known here; none of them is called. */
function called([callee, args]: Pickled[]): Pickled {
  const [first, second, shape, order] = Array.isArray(args) ? args : []
  const { name } = callee instanceof Named ? callee : fail('a call of what is no function')
  if (name === 'array') return new PickledArray()
  if (name === 'type') return new Named(`type ${nameIn(first ?? null)}`)
  if (name === 'encode' && typeof first === 'string') return latinBytes(first)
  if (name !== 'arrayOfBytes') fail('a call that is not made here')
  const array = new PickledArray()
  build([1, shape ?? null, second ?? null, order === 'F', first ?? null], array)
  return array
}

/** A text. Lists that hold each other would grow beyond all bounds when they are written out. */
function nameIn(value: Pickled): string {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array && value.length < 1000 ? latin(value) : fail('a name that is no text')
}

/** The state of an array: a version, its shape, the type of its elements, whether in Fortran's order, its bytes. Of a type, nothing counts. */
function build(state: Pickled, of: Pickled): void {
  if (of instanceof Named && of.name.startsWith('type ')) return
  if (!(of instanceof PickledArray) || !Array.isArray(state)) fail('a value that is not built here')
  const [, shape, type, fortran, data] = state
  const isShape = Array.isArray(shape) && shape.every(extent => Number.isSafeInteger(extent) && (extent as number) >= 0)
  if (!isShape || !(data instanceof Uint8Array)) fail('an array of objects')
  if (!(type instanceof Named) || type.name !== 'type u1') fail('an array of other numbers than bytes')
  const size = (shape as number[]).reduce((product, extent) => product * extent, 1)
  if (size !== data.length) fail(`an array of ${data.length} bytes for the shape ${shape.join('×')}`)
  Object.assign(of, { shape, fortran: fortran === true, data })
}

/** Little-endian, in two's complement. */
function wholeNumber(bytes: Uint8Array): number {
  const size = bytes.reduceRight((number, byte) => number * 256 + byte, 0)
  return (bytes.at(-1) ?? 0) < 128 ? size : size - 256 ** bytes.length
}

/** Python 3 keeps bytes as text in protocol 2. */
function latinBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}

const latin = (bytes: Uint8Array): string => Array.from(bytes, byte => String.fromCharCode(byte)).join('')
