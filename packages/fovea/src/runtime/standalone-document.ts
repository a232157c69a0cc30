/**
 * A standalone program as JSON carries it, bytes in base64; and back. Kernels may be rounded to half precision, which halves the page;
 * the few other states (biases, statistics of batch norm, whose numbers can be far from 1) stay as they are.
 */
import { base64Length, fromBase64, toBase64 } from '../base/base64.ts'
import { fromHalf, MOST_HALF, toHalf } from '../base/half.ts'
import type { StandaloneProgram, StateValues } from './standalone.ts'

export type WeightPrecision = 'float32' | 'float16'

export interface StandaloneDocument extends Omit<StandaloneProgram, 'code' | 'states'> {
  readonly code: string
  readonly states: readonly StateText[]
}

interface StateText extends Omit<StateValues, 'values'> {
  readonly precision: WeightPrecision
  /** Little-endian. */
  readonly values: string
}

export function standaloneDocument(program: StandaloneProgram, precision: WeightPrecision): StandaloneDocument {
  return {
    ...program,
    code: toBase64(program.code),
    states: program.states.map((state): StateText => {
      const isHalf = isRounded(state, precision)
      const elements = isHalf ? Uint16Array.from(state.values, toHalf) : state.values
      const values = toBase64(new Uint8Array(elements.buffer))
      return { ...state, precision: isHalf ? 'float16' : 'float32', values }
    }),
  }
}

export function standaloneFrom(document: StandaloneDocument): StandaloneProgram {
  return {
    ...document,
    code: fromBase64(document.code),
    states: document.states.map(({ precision, values, ...state }): StateValues => {
      const { buffer } = fromBase64(values)
      const isHalf = precision === 'float16'
      return {
        ...state,
        values: isHalf ? Float32Array.from(new Uint16Array(buffer), fromHalf) : new Float32Array(buffer),
      }
    }),
  }
}

/** Characters the bytes take in it. */
export function documentLength({ code, states }: StandaloneProgram, precision: WeightPrecision): number {
  const bytes = (state: StateValues): number => state.values.length * (isRounded(state, precision) ? 2 : 4)
  return states.reduce((sum, state) => sum + base64Length(bytes(state)), base64Length(code.length))
}

/** A kernel beyond what half precision can hold would become infinite. */
function isRounded({ isKernel, values }: StateValues, precision: WeightPrecision): boolean {
  return precision === 'float16' && isKernel && values.every(value => Math.abs(value) <= MOST_HALF)
}
