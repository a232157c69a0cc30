/** Pickles: what is read of them, and that nothing else is. The recorded ones are of Python 3.11 with NumPy 2.4. */
import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { joined, pickled, pickledArray, pickledList, pickledText } from '../host/node/pickled.testing.ts'
import { PickledArray, parsePickle } from './pickle.ts'

const latin = (text: string): Uint8Array => Uint8Array.from(text, sign => sign.charCodeAt(0))
const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))

/** `pickle.dumps({'data': numpy.array([[1, 2], [3, 250]], dtype=numpy.uint8), b'labels': [7, 300, -1], 'n': None}, protocol)`. */
const recorded: Readonly<Record<number, string>> = {
  2: 'gAJ9cQAoWAQAAABkYXRhcQFjbnVtcHkuX2NvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQJjbnVtcHkKbmRhcnJheQpxA0sAhXEEY19jb2RlY3MKZW5jb2RlCnEFWAEAAABicQZYBgAAAGxhdGluMXEHhnEIUnEJh3EKUnELKEsBSwJLAoZxDGNudW1weQpkdHlwZQpxDVgCAAAAdTFxDomIh3EPUnEQKEsDWAEAAAB8cRFOTk5K/////0r/////SwB0cRJiiWgFWAUAAAABAgPDunETaAeGcRRScRV0cRZiaAVYBgAAAGxhYmVsc3EXaAeGcRhScRldcRooSwdNLAFK/////2VYAQAAAG5xG051Lg==',
  3: 'gAN9cQAoWAQAAABkYXRhcQFjbnVtcHkuX2NvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQJjbnVtcHkKbmRhcnJheQpxA0sAhXEEQwFicQWHcQZScQcoSwFLAksChnEIY251bXB5CmR0eXBlCnEJWAIAAAB1MXEKiYiHcQtScQwoSwNYAQAAAHxxDU5OTkr/////Sv////9LAHRxDmKJQwQBAgP6cQ90cRBiQwZsYWJlbHNxEV1xEihLB00sAUr/////ZVgBAAAAbnETTnUu',
  4: 'gASVtgAAAAAAAAB9lCiMBGRhdGGUjBZudW1weS5fY29yZS5tdWx0aWFycmF5lIwMX3JlY29uc3RydWN0lJOUjAVudW1weZSMB25kYXJyYXmUk5RLAIWUQwFilIeUUpQoSwFLAksChpRoBYwFZHR5cGWUk5SMAnUxlImIh5RSlChLA4wBfJROTk5K/////0r/////SwB0lGKJQwQBAgP6lHSUYkMGbGFiZWxzlF2UKEsHTSwBSv////9ljAFulE51Lg==',
  5: 'gAWVoQAAAAAAAAB9lCiMBGRhdGGUjBNudW1weS5fY29yZS5udW1lcmljlIwLX2Zyb21idWZmZXKUk5QolgQAAAAAAAAAAQID+pSMBW51bXB5lIwFZHR5cGWUk5SMAnUxlImIh5RSlChLA4wBfJROTk5K/////0r/////SwB0lGJLAksChpSMAUOUdJRSlEMGbGFiZWxzlF2UKEsHTSwBSv////9ljAFulE51Lg==',
}

describe('pickles', () => {
  it.each(Object.entries(recorded))('of Python 3 by protocol %s', (_, text) => {
    const value = parsePickle(base64(text), 'p') as Map<string, unknown>
    expect([...value.keys()]).toEqual(['data', 'labels', 'n'])
    expect(value.get('labels')).toEqual([7, 300, -1])
    expect(value.get('n')).toBe(null)
    const data = value.get('data') as PickledArray
    expect(data).toBeInstanceOf(PickledArray)
    expect([data.shape, data.fortran, [...data.data]]).toEqual([[2, 2], false, [1, 2, 3, 250]])
  })

  it('of Python 2: strings are bytes, keys are texts', () => {
    const long = 'x'.repeat(300)
    const value = parsePickle(
      pickled([
        ['a', pickledText(long)],
        ['b', pickledList([1, 2])],
      ]),
      'p',
    ) as Map<string, unknown>
    expect(new TextDecoder().decode(value.get('a') as Uint8Array)).toBe(long)
    expect(value.get('b')).toEqual([1, 2])
    const array = parsePickle(pickled([['a', pickledArray(2, 3, Uint8Array.of(1, 2, 3, 4, 5, 6), 'u1', true)]]), 'p')
    expect((array as Map<string, unknown>).get('a')).toMatchObject({ shape: [2, 3], fortran: true })
  })

  const good = pickled([['a', pickledArray(1, 2, Uint8Array.of(1, 2))]])

  it.each([
    ['nothing', new Uint8Array(), /0 bytes: it is cut off/],
    ['text', latin('x\n'), /no pickle/],
    ['a call of the system', latin('\x80\x02cposix\nsystem\nU\x02ls\x85R.'), /the name posix\.system/],
    [
      'the same by protocol 4',
      latin('\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R.'),
      /the name posix\.system/,
    ],
    ['a call of a method', latin('\x80\x02c__builtin__\neval\nU\x011\x85R.'), /the name __builtin__\.eval/],
    ['a name of every object', latin('\x80\x02cconstructor\nx\n.'), /the name constructor\.x/],
    ['a class', latin('\x80\x02ccopy_reg\n_reconstructor\n.'), /the name copy_reg/],
    ['an object that is made', latin('\x80\x02cnumpy\nndarray\n)\x81.'), /the instruction 129/],
    ['an object from outside', latin('\x80\x02U\x01aQ.'), /the instruction 81/],
    ['a call of a class', latin('\x80\x02cnumpy\nndarray\n)R.'), /a call that is not made here/],
    ['a call of a number', latin('\x80\x02K\x01)R.'), /a call of what is no function/],
    [
      'an array of other numbers',
      pickled([['a', pickledArray(1, 2, Uint8Array.of(1, 2), 'i8')]]),
      /other numbers than bytes/,
    ],
    [
      'an array that does not fill its shape',
      pickled([['a', pickledArray(2, 2, Uint8Array.of(1))]]),
      /1 bytes for the shape 2×2/,
    ],
    [
      'a shape without bounds',
      pickled([['a', pickledArray(0x7fffffff, 0x7fffffff, Uint8Array.of(1))]]),
      /for the shape/,
    ],
    ['a length beyond the end', latin('\x80\x02T\xff\xff\xff\x7fab.'), /cut off/],
    ['a length beyond all numbers', latin(`\x80\x04\x8e${'\xff'.repeat(8)}ab.`), /cut off/],
    ['an empty stack', latin('\x80\x02.'), /damaged/],
    ['a mark that was never set', latin('\x80\x02u.'), /damaged/],
    ['what lies before a mark', latin('\x80\x02K\x01(\x85.'), /damaged/],
    ['a memory that was never kept', latin('\x80\x02h\x07.'), /damaged/],
    ['entries of a list', latin('\x80\x02](K\x01K\x02u.'), /damaged/],
    ['items of a dictionary', latin('\x80\x02}(K\x01e.'), /damaged/],
    ['a dictionary by lists', latin('\x80\x02}]K\x01s.'), /other keys/],
    ['a line without an end', latin(`\x80\x02cnumpy${'y'.repeat(50)}`), /cut off/],
    ['too many instructions', latin(`\x80\x02${']'.repeat(1_000_001)}.`), /more than 1000000 instructions/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parsePickle(bytes, 'data_batch_1')).toThrow(UserError)
    expect(() => parsePickle(bytes, 'data_batch_1')).toThrow(message)
    expect(() => parsePickle(bytes, 'data_batch_1')).toThrow(/^data_batch_1 cannot be read as a pickle/)
  })

  it('cut off anywhere or with any byte changed, gives a value or a UserError', () => {
    expect(() => parsePickle(good, 'p')).not.toThrow()
    for (let length = 0; length < good.length; length++)
      expect(() => parsePickle(good.subarray(0, length), 'p')).toThrow(UserError)
    for (let at = 0; at < good.length; at++)
      for (const change of [1, 0x20, 0x80, 0xff]) {
        try {
          parsePickle(good.with(at, good[at]! ^ change), 'p')
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
        }
      }
  })

  it('of a part of a larger memory', () => {
    expect(parsePickle(joined('....', good, '....').subarray(4, 4 + good.length), 'p')).toBeInstanceOf(Map)
  })
})
