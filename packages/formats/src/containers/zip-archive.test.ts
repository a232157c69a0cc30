/** Archives are unpacked within what they say and what is allowed; what two programs could read differently is refused. */
import { describe, expect, it } from 'vitest'
import { openZip } from './zip-archive.ts'
import { zipOf } from './zip-writer.ts'

const text = (content: string): Uint8Array => new TextEncoder().encode(content)
const opened = (bytes: Uint8Array) => openZip({ bytes, source: 'a.zip' })

/** The same bytes with one text in place of another of its length, everywhere. */
function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const latin = Array.from(bytes, byte => String.fromCharCode(byte)).join('')
  return Uint8Array.from(latin.replaceAll(from, to), sign => sign.charCodeAt(0))
}

describe('the members of an archive', () => {
  it('are read by their names', async () => {
    const archive = await opened(await zipOf({ 'a.json': text('{}'), 'b/c.bin': Uint8Array.of(1, 2, 3) }))
    expect(archive.names).toEqual(['a.json', 'b/c.bin'])
    expect(await archive.read('b/c.bin')).toEqual(Uint8Array.of(1, 2, 3))
    expect(await archive.read('c.bin')).toBeUndefined()
  })

  it('are of the size that they may have', async () => {
    const archive = await opened(await zipOf({ a: new Uint8Array(1000) }))
    await expect(archive.read('a', 999)).rejects.toThrow(/a\.zip: a would take too much memory[\s\S]*999 bytes/)
  })

  it('that a bomb claims to be small are not unpacked further', async () => {
    const { ZipWriter, Uint8ArrayReader, Uint8ArrayWriter } = await import('@zip.js/zip.js/lib/zip-core-native.js')
    const writer = new ZipWriter(new Uint8ArrayWriter(), { extendedTimestamp: false, dataDescriptor: false })
    await writer.add('bomb', new Uint8ArrayReader(new Uint8Array(5_000_000)))
    const bytes = Uint8Array.from(await writer.close())
    const view = new DataView(bytes.buffer)
    const size = new Uint8Array(4)
    new DataView(size.buffer).setUint32(0, 5_000_000, true)
    let found = 0
    for (let at = 0; at + 4 <= bytes.length; at++) {
      if (view.getUint32(at, true) !== 5_000_000) continue
      view.setUint32(at, 100, true)
      found++
    }
    expect(found).toBe(2)
    await expect((await opened(bytes)).read('bomb')).rejects.toThrow(/bomb is damaged and cannot be unpacked/)
  })

  it('are refused where two have one name, or one leads out', async () => {
    const bytes = await zipOf({ 'one.bin': text('1'), 'two.bin': text('2') })
    await expect(opened(replaced(bytes, 'two.bin', 'one.bin'))).rejects.toThrow(/is damaged/)
    await expect(opened(replaced(bytes, 'two.bin', '../.bin'))).rejects.toThrow(/is damaged/)
    await expect(opened(replaced(bytes, 'two.bin', '/wo.bin'))).rejects.toThrow(/is damaged/)
    const directory = bytes.findIndex((byte, at) => byte === 0x50 && bytes[at + 1] === 0x4b && bytes[at + 2] === 1)
    const renamed = Uint8Array.from([
      ...bytes.slice(0, directory),
      ...replaced(bytes.slice(directory), 'two.bin', 'one.txt'),
    ])
    await expect(opened(renamed)).rejects.toThrow(/called one\.txt in one place and otherwise in another/)
  })

  it('are told as damaged where their checksum is wrong, or the archive is cut', async () => {
    const bytes = await zipOf({ a: text('some words of content') })
    const changed = replaced(bytes, 'words', 'worms')
    await expect((await opened(changed)).read('a')).rejects.toThrow(/a\.zip: a is damaged/)
    await expect(opened(bytes.subarray(0, 60))).rejects.toThrow(/a\.zip is damaged/)
  })
})
