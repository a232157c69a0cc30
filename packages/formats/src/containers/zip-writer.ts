/**
 * A zip archive whose members are stored as they are, written by zip.js without its web workers. In: members by name. Out: the bytes, the
 * same for the same members: all carry the date on which the format's calendar begins, as Keras's do.
 */
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js'

export async function zipOf(members: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array<ArrayBuffer>> {
  configure({ useWebWorkers: false })
  const writer = new ZipWriter(new Uint8ArrayWriter(), {
    level: 0,
    lastModDate: new Date(1980, 0, 1),
    extendedTimestamp: false,
    dataDescriptor: false,
  })
  for (const [name, content] of Object.entries(members)) await writer.add(name, new Uint8ArrayReader(content))
  return Uint8Array.from(await writer.close())
}
