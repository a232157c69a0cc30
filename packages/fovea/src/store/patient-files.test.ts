import { expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { memoryFiles } from './memory-files.ts'
import { patientFiles } from './patient-files.ts'

const text = async (files: Files, path: string) => new TextDecoder().decode(await files.read(path))
const bytes = (word: string) => new TextEncoder().encode(word)

function fullDisk() {
  const disk = memoryFiles()
  const state = { isFull: false }
  const refusing: Files = {
    ...disk,
    async write(path, content, former) {
      if (state.isFull) throw new UserError(`${path} cannot be written`)
      return disk.write(path, content, former)
    },
    async append(path, content) {
      if (state.isFull) throw new UserError(`${path} cannot be written`)
      return disk.append(path, content)
    },
  }
  const told: string[] = []
  return { disk, state, told, files: patientFiles(refusing, ({ message }) => told.push(message)) }
}

it('what the disk refuses is read from memory, and on the disk in its order once there is room', async () => {
  const { disk, state, told, files } = fullDisk()
  await files.write('model', bytes('one'))
  await files.append('story', 'first ')
  state.isFull = true
  await files.write('model', bytes('two'), 'model-before')
  await files.append('story', 'second ')
  await files.append('story', bytes('third'))
  await files.append('new', 'line')
  expect(told).toEqual(['model cannot be written'])
  expect(await text(files, 'model')).toBe('two')
  expect(await text(files, 'story')).toBe('first second third')
  expect(await files.exists('new')).toBe(true)
  expect([await text(disk, 'model'), await text(disk, 'story'), await disk.exists('new')]).toEqual([
    'one',
    'first ',
    false,
  ])
  expect(await files.settle()).toEqual(['model', 'story', 'new'])
  state.isFull = false
  await files.append('story', '!')
  expect(await files.settle()).toEqual([])
  expect([await text(disk, 'model'), await text(disk, 'model-before'), await text(disk, 'story')]).toEqual([
    ...['two', 'one', 'first second third!'],
  ])
  state.isFull = true
  await files.remove('model')
  await files.write('model', bytes('three'))
  expect(told).toHaveLength(2)
  await files.remove('model')
  expect(await files.settle()).toEqual([])
})

it('an error that is none of the disk goes on', async () => {
  const broken = { ...memoryFiles(), write: () => Promise.reject(new TypeError('a bug')) }
  await expect(patientFiles(broken, () => {}).write('x', bytes('y'))).rejects.toThrow(TypeError)
})
