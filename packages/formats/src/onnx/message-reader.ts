/**
 * Messages of Protocol Buffers, read field by field: lengths stay inside of what they lie in, types are those that are expected, and what is
 * not weights has a budget. In: bytes. Out: what the callbacks make of the fields.
 */
import type { UserError } from 'fovea/internal/base/errors'
import { PbfReader } from 'pbf'
import { type Allowance, allowance, damaged, type LimitedFile, limitsOf } from '../containers/limits.ts'

/** Of the record that a message becomes. */
const messageCost = 64

const [varint, eightBytes, lengthDelimited, fourBytes] = [0, 1, 2, 5]

export class MessageReader {
  readonly #pbf: PbfReader
  readonly #source: string
  #end: number
  /** For names, attributes and shapes. */
  readonly #allowance: Allowance

  constructor({ bytes, source, limits }: LimitedFile) {
    this.#pbf = new PbfReader(bytes)
    this.#source = source
    this.#end = bytes.length
    this.#allowance = allowance(source, limitsOf({ limits }).configuration)
  }

  /** Calls `onField` with the number of each field, which reads it or lets it be. */
  fields(onField: (field: number) => void): void {
    this.#pbf.readFields(field => onField(field), undefined, this.#end)
    if (this.#pbf.pos !== this.#end) throw this.damaged('a field reaches out of its message')
  }

  /** A message in this one. */
  message(onField: (field: number) => void): void {
    const outer = this.#end
    this.#end = this.#delimited()
    this.#spend(messageCost)
    this.fields(onField)
    this.#end = outer
  }

  /** A view of the file. */
  bytes(): Uint8Array {
    const end = this.#delimited()
    const start = this.#pbf.pos
    this.#pbf.pos = end
    return this.#pbf.buf.subarray(start, end)
  }

  text(): string {
    const bytes = this.bytes()
    this.#spend(8 + 2 * bytes.length)
    return new TextDecoder().decode(bytes)
  }

  /** A whole number with a sign. */
  whole(): number {
    this.#expect(varint)
    return this.#pbf.readVarint(true)
  }

  float(): number {
    this.#expect(fourBytes)
    return this.#pbf.readFloat()
  }

  /** Numbers of attributes and dimensions, packed or one by one, behind those that came already. */
  wholes(into: number[]): void {
    this.#each(varint, () => {
      this.#spend(8)
      into.push(this.#pbf.readVarint(true))
    })
  }

  floats(into: number[]): void {
    this.#each(fourBytes, () => {
      this.#spend(8)
      into.push(this.#pbf.readFloat())
    })
  }

  /** Numbers of a tensor, which cost what they are: their file holds a byte of each at least. */
  tensorWholes(into: number[], isSigned: boolean): void {
    this.#each(varint, () => void into.push(this.#pbf.readVarint(isSigned)))
  }

  /** Floats of a tensor: packed ones are a view of the file, others come one by one and join the list. */
  tensorNumbers(width: 4 | 8, into: number[]): Uint8Array | undefined {
    if (this.#pbf.type === lengthDelimited) return this.bytes()
    this.#expect(width === 4 ? fourBytes : eightBytes)
    into.push(width === 4 ? this.#pbf.readFloat() : this.#pbf.readDouble())
    return undefined
  }

  damaged(why: string): UserError {
    return damaged(this.#source, why)
  }

  #each(type: number, read: () => void): void {
    if (this.#pbf.type !== lengthDelimited) {
      this.#expect(type)
      read()
      return
    }
    const end = this.#delimited()
    while (this.#pbf.pos < end) read()
    if (this.#pbf.pos !== end) throw this.damaged('a list of numbers is cut')
  }

  /** Where a field ends that says its length. */
  #delimited(): number {
    this.#expect(lengthDelimited)
    const length = this.#pbf.readVarint()
    const end = this.#pbf.pos + length
    if (end <= this.#end) return end
    throw this.damaged(`a part of ${length} bytes reaches over its end`)
  }

  #expect(type: number): void {
    if (this.#pbf.type !== type) throw this.damaged('a field has another type than it should')
  }

  #spend(bytes: number): void {
    this.#allowance.take(bytes, 'what it says beside its weights')
  }
}
