/** Models and pictures for `fovea explain`, made and saved where a test wants them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { maxPooling2d } from '../../packages/fovea/src/layers/pooling.ts'
import { rescaling } from '../../packages/fovea/src/layers/rescaling.ts'
import { flatten } from '../../packages/fovea/src/layers/shaping.ts'
import { modelToConfig } from '../../packages/fovea/src/network/config.ts'
import type { Model } from '../../packages/fovea/src/network/model.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { encodeModelFile } from '../../packages/fovea/src/store/model-encoder.ts'
import type { ModelFile } from '../../packages/fovea/src/store/model-file.ts'
import { writePng } from '../../packages/pictures/src/pictures.ts'

/** A small convolutional network; `last` has one unit with a sigmoid for two classes, or a softmax. */
export function network(inputShape: readonly [number, number, number], units: number): Model {
  return sequential([
    rescaling({ scale: 1 / 255, inputShape }),
    conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
    maxPooling2d(),
    conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    flatten(),
    dense({ units, activation: units === 1 ? 'sigmoid' : 'softmax' }),
  ])
}

/** Writes the untrained model; gives its path. */
export function savedIn(folder: string, model: Model, classNames?: readonly string[]): string {
  const values = initialWeights(model, 4)
  const file: ModelFile = {
    model: modelToConfig(model) as unknown as NonNullable<ModelFile['model']>,
    weights: model.weights.map(({ name, shape }) => ({ name, shape, data: new Float32Array(values[name]!) })),
    ...(classNames && { classNames }),
  }
  const path = join(folder, 'model.safetensors')
  writeFileSync(path, encodeModelFile(file))
  return path
}

/** Writes a picture of waves; gives its path. */
export async function pictureIn(
  folder: string,
  [height, width, channels]: readonly [number, number, number],
): Promise<string> {
  const data = Uint8Array.from({ length: height * width * channels }, (_, index) => 127 + 120 * Math.sin(index * 0.37))
  const path = join(folder, 'picture.png')
  await writePng(path, { height, width, channels: channels as 1 | 3, data })
  return path
}
