/** All operators that are read, by the names that ONNX gives them. */

import type { Operator } from '../node-context.ts'
import type { OnnxNode } from '../onnx-model.ts'
import { activations } from './activations.ts'
import { arithmetic } from './arithmetic.ts'
import { conv, convTranspose } from './convolution.ts'
import { gemm, matMul } from './dense.ts'
import {
  batchNormalization,
  groupNormalization,
  instanceNormalization,
  layerNormalization,
  localResponseNormalization,
} from './normalization.ts'
import { averagePool, globalAveragePool, globalMaxPool, maxPool } from './pooling.ts'
import { reduceMax, reduceMean, reduceMin, reduceSum, reduceSumSquare } from './reducing.ts'
import { resize } from './resize.ts'
import {
  cast,
  concat,
  depthToSpace,
  dropout,
  flatten,
  gather,
  identity,
  pad,
  reshape,
  slice,
  spaceToDepth,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from './shaping.ts'

const operators: Readonly<Record<string, Operator>> = {
  ...activations,
  ...arithmetic,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Cast: cast,
  Concat: concat,
  Conv: conv,
  ConvTranspose: convTranspose,
  DepthToSpace: depthToSpace,
  Dropout: dropout,
  Flatten: flatten,
  Gather: gather,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  GroupNormalization: groupNormalization,
  Identity: identity,
  InstanceNormalization: instanceNormalization,
  LRN: localResponseNormalization,
  LayerNormalization: layerNormalization,
  MatMul: matMul,
  MaxPool: maxPool,
  Pad: pad,
  ReduceMax: reduceMax,
  ReduceMean: reduceMean,
  ReduceMin: reduceMin,
  ReduceSum: reduceSum,
  ReduceSumSquare: reduceSumSquare,
  Reshape: reshape,
  Resize: resize,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Upsample: resize,
}

export const operatorOf = ({ op, domain }: OnnxNode): Operator | undefined =>
  domain === '' && Object.hasOwn(operators, op) ? operators[op] : undefined
