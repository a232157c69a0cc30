/**
 * What stands beside a classifier of WebAssembly in JavaScript: any picture goes in, classes come out. It knows nothing of a model; the module
 * says all of itself. The build makes one file of it, without imports, for Node, Deno, Bun, browsers, their workers and edge functions.
 */
import { fileBytes, hasPixels, type Picture, pictureFromPixels } from 'fovea/internal/base/picture'
import type { PreprocessSpec } from 'fovea/internal/base/preprocess-spec'
import { classProbabilities, type OutputScale } from 'fovea/internal/base/probabilities'
import { pictureToInput } from 'fovea/internal/preprocess/input'

/** What a module says of itself (its custom section `fovea`). */
export interface ClassifierAbout {
  readonly format: 'fovea-classifier'
  readonly version: 1
  readonly classNames: readonly string[]
  readonly preprocess: PreprocessSpec
  readonly scale: OutputScale
}

interface Exports {
  readonly memory: WebAssembly.Memory
  readonly input: WebAssembly.Global
  readonly input_bytes: WebAssembly.Global
  readonly output: WebAssembly.Global
  readonly outputs: WebAssembly.Global
  start(): void
  classify(): void
}

export const classifierOf = (module: WebAssembly.Module) =>
  classifierIn(new WebAssembly.Instance(module), aboutOf(module))

function classifierIn(instance: WebAssembly.Instance, about: ClassifierAbout) {
  const exports = instance.exports as unknown as Exports
  exports.start()
  const { classNames, preprocess, scale } = about

  function probabilities(pixels: ArrayLike<number>): number[] {
    const size = exports.input_bytes.value as number
    if (pixels.length !== size) throw new TypeError(`The model takes ${size} bytes, and ${pixels.length} were given.`)
    new Uint8Array(exports.memory.buffer, exports.input.value, size).set(pixels)
    exports.classify()
    return classProbabilities(
      new Float32Array(exports.memory.buffer, exports.output.value, exports.outputs.value),
      scale,
    )
  }

  return {
    classNames,
    about,
    probabilities,
    async classify(given: unknown, { top }: { readonly top?: number } = {}) {
      const picture = await opened(given)
      return probabilities(pictureToInput(picture, preprocess).pixels)
        .map((probability, index) => ({ className: classNames[index] ?? String(index), probability }))
        .sort((a, b) => b.probability - a.probability)
        .slice(0, top)
    },
  }
}

type Bytes = Uint8Array<ArrayBuffer> | ArrayBuffer | Response

/** In the background: a page's main thread compiles nothing at once that is above 8 MB, with weights inside. */
export async function loadClassifier(given: WebAssembly.Module | Bytes | Promise<Response>) {
  const source = await given
  const module = source instanceof WebAssembly.Module ? source : await compiled(source as Bytes)
  const about = aboutOf(module)
  return classifierIn(await WebAssembly.instantiate(module), about)
}

async function compiled(source: Bytes): Promise<WebAssembly.Module> {
  const bytes = source instanceof Response ? await source.arrayBuffer() : source
  try {
    return await WebAssembly.compile(bytes as BufferSource)
  } catch (error) {
    if (!/disallowed|unsafe-eval|code generation/i.test(String(error))) throw error
    throw new Error(
      `Code cannot be compiled from bytes here: ${(error as Error).message}. Import the .wasm file as a module and call classifierOf(module); in a page, add 'wasm-unsafe-eval' to the policy's script-src.`,
    )
  }
}

function aboutOf(module: WebAssembly.Module): ClassifierAbout {
  const [section] = WebAssembly.Module.customSections(module, 'fovea')
  const about = section && (JSON.parse(new TextDecoder().decode(section)) as Partial<ClassifierAbout>)
  if (about?.format === 'fovea-classifier' && about.version === 1) return about as ClassifierAbout
  throw new TypeError('The module is no classifier that `fovea export` wrote, or of a newer version.')
}

/** Files are decoded where there is a browser's decoder; pixels are taken everywhere. */
async function opened(given: unknown): Promise<Picture> {
  if (hasPixels(given)) return pictureFromPixels(given, 'The picture')
  if (typeof createImageBitmap === 'function') {
    const { openPicture } = await import('fovea/internal/host/browser/pictures')
    return openPicture(given as Blob, 'The picture')
  }
  const what = fileBytes(given) ? 'The bytes of a file' : 'This'
  throw new TypeError(
    `${what} cannot be decoded here: give pixels, {width, height, data} with 1, 3 or 4 bytes a pixel.`,
  )
}
