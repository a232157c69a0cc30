/** HDF5 files for tests, made by h5wasm itself: also such as nobody writes on purpose. */
import { File, FS, ready } from 'h5wasm'

let made = 0

export async function madeHdf5(build: (file: File) => void): Promise<Uint8Array<ArrayBuffer>> {
  await ready
  const path = `/made-${++made}.h5`
  const file = new File(path, 'w')
  build(file)
  file.close()
  const bytes = Uint8Array.from(FS!.readFile(path))
  FS!.unlink(path)
  return bytes
}
