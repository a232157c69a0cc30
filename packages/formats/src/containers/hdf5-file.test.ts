/** HDF5 files are opened in memory alone: numbers of all types, texts, and nothing that leads out of the file. */
import { FS, ready } from 'h5wasm'
import { describe, expect, it } from 'vitest'
import { type Hdf5Group, withHdf5 } from './hdf5-file.ts'
import { madeHdf5 } from './made-hdf5.testing.ts'

const opened = <T>(bytes: Uint8Array, read: (root: Hdf5Group) => T, most?: number): Promise<T> =>
  withHdf5({ bytes, source: 'a.h5', limits: { bytes: most } }, read)

describe('what is in a file', () => {
  it('is found by paths, in the order of the file', async () => {
    const bytes = await madeHdf5(file => {
      const layers = file.create_group('layers')
      layers
        .create_group('dense')
        .create_dataset({ name: 'kernel', data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] })
      layers.create_group('conv')
    })
    await opened(bytes, root => {
      expect(root.names()).toEqual(['layers'])
      expect(root.group('layers')?.names()).toEqual(['conv', 'dense'])
      expect(root.numbers('layers/dense/kernel')).toEqual({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) })
      expect(root.group('layers/dense')?.numbers('kernel')?.shape).toEqual([2, 3])
      for (const path of ['dense', 'layers/none', 'layers/dense/kernel/more', '', '..']) {
        expect(root.group(path)).toBeUndefined()
        expect(root.numbers(path)).toBeUndefined()
      }
      expect(root.numbers('layers')).toBeUndefined()
    })
  })

  it('numbers of all types are float32 here', async () => {
    const list = [0, 1, 127]
    const kinds = {
      b: Int8Array,
      B: Uint8Array,
      h: Int16Array,
      H: Uint16Array,
      i: Int32Array,
      I: Uint32Array,
      d: Float64Array,
    }
    const bytes = await madeHdf5(file => {
      for (const [name, Kind] of Object.entries(kinds)) file.create_dataset({ name, data: Kind.from(list) })
      file.create_dataset({ name: 'q', data: BigInt64Array.of(0n, 1n, 127n) })
      file.create_dataset({ name: 'one', data: Float32Array.of(7), shape: [] })
      file.create_dataset({
        name: 'packed',
        data: Float32Array.from({ length: 1000 }, (_, at) => at % 7),
        shape: [10, 100],
        chunks: [5, 50],
        compression: 'gzip',
      })
    })
    await opened(bytes, root => {
      for (const name of [...Object.keys(kinds), 'q']) expect(root.numbers(name)?.data).toEqual(Float32Array.from(list))
      expect(root.numbers('one')).toEqual({ shape: [], data: Float32Array.of(7) })
      expect(root.numbers('packed')?.data[999]).toBe(999 % 7)
    })
  })

  it('texts are UTF-8, of any length or of one, alone or in lists', async () => {
    const bytes = await madeHdf5(file => {
      file.create_attribute('config', '{"name": "모델"}')
      file.create_attribute('names', ['a', 'größer'], [2], 'S8')
      file.create_attribute('none', Float64Array.of(), [0])
      file.create_attribute('number', 7)
    })
    await opened(bytes, root => {
      expect(root.texts('config')).toEqual(['{"name": "모델"}'])
      expect(root.texts('names')).toEqual(['a', 'größer'])
      expect(root.texts('none')).toEqual([])
      expect(root.texts('number')).toBeUndefined()
      expect(root.texts('missing')).toBeUndefined()
    })
  })
})

describe('what is refused', () => {
  it('links, in the file or out of it', async () => {
    const bytes = await madeHdf5(file => {
      file.create_group('real').create_dataset({ name: 'x', data: Float32Array.of(1) })
      file.create_soft_link('/real', 'soft')
      file.create_external_link('/etc/passwd', '/x', 'external')
    })
    await opened(bytes, root => {
      expect(() => root.group('soft')).toThrow(/a\.h5: \/soft is a link/)
      expect(() => root.numbers('soft/x')).toThrow(/\/soft is a link/)
      expect(() => root.numbers('external')).toThrow(/\/external is a link/)
    })
  })

  it('more than is allowed, before memory is taken', async () => {
    const bytes = await madeHdf5(file => {
      file.create_dataset({ name: 'a', data: new Float32Array(300) })
      file.create_dataset({ name: 'b', data: new Float32Array(300) })
    })
    await opened(
      bytes,
      root => {
        expect(root.numbers('a')?.shape).toEqual([300])
        expect(() => root.numbers('b')).toThrow(
          /b would take too much memory[\s\S]*at most 2000 bytes[\s\S]*2400 bytes/,
        )
      },
      2000,
    )
  })

  it('damaged files, without leaving them in memory', async () => {
    const good = await madeHdf5(file => file.create_dataset({ name: 'a', data: new Float32Array(5000) }))
    const library = await ready
    const before = [(FS as unknown as { readdir(path: string): string[] }).readdir('/').length, library.HEAPU8.length]
    for (const bytes of [
      new Uint8Array(),
      good.subarray(0, 300),
      Uint8Array.from(good, (byte, at) => (at < 100 ? 255 : byte)),
    ])
      await expect(opened(bytes, root => root.numbers('a'))).rejects.toThrow(/a\.h5 is damaged/)
    await expect(
      opened(good, () => {
        throw new RangeError('deep')
      }),
    ).rejects.toThrow(/cannot be read \(deep\)/)
    const after = [(FS as unknown as { readdir(path: string): string[] }).readdir('/').length, library.HEAPU8.length]
    expect(after).toEqual(before)
  })
})
