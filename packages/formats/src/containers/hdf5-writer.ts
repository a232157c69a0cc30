/**
 * An HDF5 file, written by h5wasm (the HDF Group's own library in WebAssembly). In: groups with their attributes and data sets, as a tree.
 * Out: the bytes. The same tree gives the same bytes: the library stamps each object with the time, which stands still meanwhile.
 */
import { InternalError } from 'fovea/internal/base/errors'
import { File, FS, type Group, ready } from 'h5wasm'

/** Little-endian, as all are written. A single number has the shape []. */
export interface WrittenNumbers {
  readonly shape: readonly number[]
  readonly data: Float32Array | BigInt64Array
}

export interface WrittenGroup {
  readonly attributes?: Readonly<Record<string, string>> | undefined
  /** In the order in which they are written. */
  readonly groups?: Readonly<Record<string, WrittenGroup>> | undefined
  readonly numbers?: Readonly<Record<string, WrittenNumbers>> | undefined
}

/** Of names in memory. */
let written = 0

export async function hdf5Of(root: WrittenGroup): Promise<Uint8Array<ArrayBuffer>> {
  await ready
  const path = `/written-${++written}.h5`
  const { now } = Date
  Date.now = () => 0
  try {
    const file = new File(path, 'w')
    fill(file, root)
    file.close()
    return Uint8Array.from(FS!.readFile(path))
  } finally {
    Date.now = now
    FS!.unlink(path)
  }
}

function fill(place: Group, { attributes = {}, groups = {}, numbers = {} }: WrittenGroup): void {
  for (const [name, text] of Object.entries(attributes)) place.create_attribute(name, text)
  for (const [name, group] of Object.entries(groups)) {
    place.create_group(name)
    const made = place.get(name)
    if (!made) throw new InternalError('hdf5', `no group ${name}`)
    fill(made as Group, group)
  }
  for (const [name, { shape, data }] of Object.entries(numbers)) {
    place.create_dataset({ name, shape: [...shape], data, dtype: data instanceof Float32Array ? '<f' : '<q' })
  }
}
