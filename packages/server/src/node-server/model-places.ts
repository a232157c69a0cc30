/** Where models lie. In: the path of a model file, of a run directory, or of a folder of versions. Out: the versions there are now, and their files. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import { isJsonRecord } from 'fovea/internal/base/json'
import { parseJson } from 'fovea/internal/base/strict-json'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { runFiles } from 'fovea/internal/run/run-files'

/** A version as it lies on the disk. */
export interface FoundVersion {
  readonly version: string
  /** Of the model file. */
  readonly path: string
  /** Changes with the file. */
  readonly sign: string
}

/** Of a run the one to use first; else what a folder of a model of others holds. */
const namesInFolder = [runFiles.best, runFiles.model, 'model.json', 'model.keras', 'model.onnx', 'model.h5']

const labelsFile = 'labels.json'

/** The versions at a place, the newest first. A folder of versions has folders or files that are called by numbers: `3`, `3.keras`. */
export async function versionsAt(path: string): Promise<FoundVersion[]> {
  const about = await stat(path).catch(() => undefined)
  if (about === undefined)
    throw new UserError({
      what: `There is no model at ${path}.`,
      expected: 'a model file, a run directory, or a folder of versions (1, 2, …)',
    })
  if (!about.isDirectory()) return [{ version: '1', path, sign: signOf(about) }]
  const names = await readdir(path)
  const numbered = names.filter(name => /^\d{1,18}(\.[\w.]+)?$/.test(name))
  const own = await fileIn(path, names)
  if (own) return [{ version: '1', ...own }]
  const found: FoundVersion[] = []
  for (const name of numbered) {
    const place = join(path, name)
    const inside = await stat(place).catch(() => undefined)
    if (inside === undefined) continue
    const file = inside.isDirectory()
      ? await fileIn(place, await readdir(place).catch(() => []))
      : { path: place, sign: signOf(inside) }
    if (file) found.push({ version: String(BigInt(name.split('.')[0]!)), ...file })
  }
  return found.sort((a, b) => (BigInt(b.version) > BigInt(a.version) ? 1 : -1))
}

const signOf = ({
  size,
  mtimeMs,
  ino,
}: {
  readonly size: number
  readonly mtimeMs: number
  readonly ino: number
}): string => `${size} ${mtimeMs} ${ino}`

/** A model file in a folder: one of a run, else the only one that looks like a model. */
async function fileIn(folder: string, names: readonly string[]): Promise<Omit<FoundVersion, 'version'> | undefined> {
  const known = namesInFolder.find(name => names.includes(name))
  const models = names.filter(
    name => /\.(safetensors|keras|onnx|h5|zip)$/.test(name) && !/^\d+\./.test(name) && name !== runFiles.samples,
  )
  const name = known ?? (models.length === 1 ? models[0] : undefined)
  if (name === undefined) return undefined
  const path = join(folder, name)
  const about = await stat(path).catch(() => undefined)
  return about && { path, sign: signOf(about) }
}

/** What `labels.json` beside the versions says: `{"stable": 2, "canary": 3}`. None where there is no such file. */
export async function labelsAt(path: string): Promise<Readonly<Record<string, string>>> {
  const file = join(path, labelsFile)
  if (!(await nodeFiles.exists(file))) return {}
  const text = new TextDecoder().decode(await nodeFiles.read(file, 'text'))
  const fault = new UserError({
    what: `${file} does not say which versions have labels.`,
    expected: '{"stable": 2, "canary": 3}',
  })
  let json: unknown
  try {
    json = parseJson(text)
  } catch {
    throw fault
  }
  if (!isJsonRecord(json) || !Object.values(json).every(value => Number.isInteger(value) && (value as number) >= 0))
    throw fault
  return Object.fromEntries(Object.entries(json).map(([label, version]) => [label, String(version)]))
}
