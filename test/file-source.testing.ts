/** A picture source that reads its pictures from a file by position, for tests: rows of bytes, one picture after the other. */
import { type FileHandle, open, writeFile } from 'node:fs/promises'
import type { MemoryPictures, PictureSource } from '../packages/fovea/src/index.ts'

export interface FileSource extends PictureSource {
  /** Bytes read so far, and the most of them that one read was to fill. */
  readonly bytesRead: number
  readonly mostAtOnce: number
  close(): Promise<void>
}

/** Writes the pictures to a file, without its last `missing` bytes, and opens it. */
export async function fileSource(path: string, pictures: MemoryPictures, missing = 0): Promise<FileSource> {
  const { images, labels, shape, classNames } = pictures
  await writeFile(path, images.subarray(0, images.length - missing))
  return new Rows(await open(path), { labels, shape, classNames })
}

class Rows implements FileSource {
  readonly shape: PictureSource['shape']
  readonly classNames: readonly string[]
  readonly labels: PictureSource['labels']
  bytesRead = 0
  mostAtOnce = 0
  private readonly file: FileHandle

  constructor(file: FileHandle, { shape, classNames, labels }: Omit<MemoryPictures, 'images'>) {
    this.file = file
    this.shape = shape
    this.classNames = classNames
    this.labels = labels
  }

  get count(): number {
    return this.labels.length
  }

  async read(indices: Int32Array, into: Uint8Array): Promise<void> {
    const size = this.shape[0] * this.shape[1] * this.shape[2]
    const reads = Array.from(indices, (index, row) => this.file.read(into, row * size, size, index * size))
    for (const { bytesRead } of await Promise.all(reads)) this.bytesRead += bytesRead
    this.mostAtOnce = Math.max(this.mostAtOnce, into.length)
  }

  close(): Promise<void> {
    return this.file.close()
  }
}
