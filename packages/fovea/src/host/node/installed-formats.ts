/** Formats of models in Node, by the package @fovea/formats, which is looked for when a file is of none that is known. */
import type { ModelFormat } from '../../store/model-formats.ts'

/** None where the package is not installed. */
export async function installedFormats(): Promise<readonly ModelFormat[]> {
  // In a variable and marked, so that no bundler looks for a package that need not be there.
  const name = '@fovea/formats'
  try {
    const { modelFormats } = await import(
      /* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ `${name}`
    )
    return modelFormats as readonly ModelFormat[]
  } catch (error) {
    const code = String(Object(error).code)
    // Jest loads no package in this way; without one, models are safetensors files.
    if (/ERR_MODULE_NOT_FOUND|ERR_UNSUPPORTED_DIR_IMPORT|ERR_VM_DYNAMIC_IMPORT/.test(code)) return []
    throw error
  }
}
