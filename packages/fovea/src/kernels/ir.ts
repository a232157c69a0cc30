/**
 * The language kernels are written in: a small typed vector machine. Scalars (i32, f32), and vectors of a target's lanes of floats (vec),
 * integers (ivec) or half as many doubles (dvec). Values are expression trees without side effects; statements are few:
 * assign a local, store, loop, branch, call. A target (kernels/wasm) turns this into instructions; nothing here names one.
 */

export type Type = 'i32' | 'f32' | 'vec' | 'ivec' | 'dvec'

export type Operator =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'rem'
  | 'min'
  | 'max'
  | 'pmin'
  | 'pmax'
  | 'and'
  | 'or'
  | 'xor'
  | 'andnot'
  | 'shl'
  | 'shr'
  | 'shru'
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'neg'
  | 'abs'
  | 'sqrt'
  | 'floor'
  | 'nearest'
  | 'eqz'
  /** a · b + c, contracted only under numerics 'fast'. */
  | 'muladd'
  /** (a, b, mask): bits of a where mask is set, else of b. For scalars mask is an i32 condition. */
  | 'select'
  /** One scalar in every lane. */
  | 'splat'
  /** Scalar of lane `immediate`. */
  | 'lane'
  /** Lanes picked from (a, b): `immediates` number them 0 … 2 · lanes − 1. */
  | 'shuffle'
  /** Between i32 and f32 (also lane-wise): truncating towards zero, saturating. */
  | 'toFloat'
  | 'toInt'
  /** Same bits, other type. */
  | 'asFloat'
  | 'asInt'
  | 'asDouble'
  /** Lower half of a vec or ivec as dvec, and back (upper half zero). */
  | 'widen'
  | 'narrow'

export type Value =
  | { readonly op: 'const'; readonly type: Type; readonly value: number }
  | { readonly op: 'local'; readonly type: Type; readonly local: number }
  | { readonly op: 'global'; readonly type: 'i32'; readonly global: string }
  | {
      readonly op: 'load'
      readonly type: Type
      readonly kind: LoadKind
      readonly address: Value
      readonly offset: number
    }
  | {
      readonly op: Operator
      readonly type: Type
      readonly args: readonly Value[]
      readonly immediate?: number
      readonly immediates?: readonly number[]
    }

/** `full`: a whole value; `splat`: one f32 into every lane; `bytes`: 1 (scalar) or a vector's lanes of unsigned bytes as integers. */
export type LoadKind = 'full' | 'splat' | 'bytes'

export type Statement =
  | { readonly op: 'set'; readonly local: number; readonly value: Value }
  /** Stores the first `lanes` lanes of a vector, or a scalar. */
  | {
      readonly op: 'store'
      readonly address: Value
      readonly offset: number
      readonly value: Value
      readonly lanes: number
    }
  /** for (local = start; local < end; local += step) body; compared without sign, since addresses may lie beyond 2 GiB. */
  | {
      readonly op: 'loop'
      readonly local: number
      readonly start: Value
      readonly end: Value
      readonly step: Value
      readonly body: readonly Statement[]
    }
  | {
      readonly op: 'if'
      readonly condition: Value
      readonly body: readonly Statement[]
      readonly otherwise: readonly Statement[]
    }
  | { readonly op: 'setGlobal'; readonly global: string; readonly value: Value }
  | { readonly op: 'call'; readonly name: string; readonly args: readonly Value[] }

/** A finished kernel: parameters are the first locals, all i32. */
export interface KernelCode {
  readonly name: string
  readonly parameters: readonly string[]
  readonly locals: readonly Type[]
  readonly body: readonly Statement[]
}
