/** A trained model that a recipe names: its file, checked against what the recipe promises of its weights. */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import type { ModelFile } from '../store/model-file.ts'
import { readModel } from '../store/model-formats.ts'
import { openedFile } from '../store/opened-file.ts'
import { weightsSha256 } from '../store/weights-hash.ts'

/** `does`: what the training does with it, `begins with`. Throws UserError where it is missing, and where it is another one. */
export async function recipeModel(
  { model: path, weightsSha256: promised }: { readonly model: string; readonly weightsSha256: string },
  files: Files | undefined,
  does: string,
): Promise<ModelFile> {
  if (!files) {
    throw new UserError({
      what: `The training ${does} ${path}, and there are no files here`,
      fix: 'give files, like memoryFiles(), with the model in them',
    })
  }
  const file = await readModel(await openedFile(files, path))
  const found = weightsSha256(file.weights)
  if (found === promised) return file
  throw new UserError({
    what: `${path} is another model than the one this recipe ${does}`,
    expected: `weights with SHA-256 ${promised.slice(0, 12)}…`,
    received: `${found.slice(0, 12)}…`,
    fix: 'put that model there again, or let `fovea train` write a recipe with the new one',
  })
}
