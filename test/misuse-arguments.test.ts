/**
 * Misuse of arguments, generated: every function that the package exports is called with values of every kind, in each of its first
 * places. It may give a result or a UserError. Any other error is a crash inside, with a stack where a sentence should be.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { chdir } from 'node:process'
import { expect, test } from 'vitest'
import * as fovea from '../packages/fovea/src/index.ts'

const values: readonly unknown[] = [
  ...[
    undefined,
    null,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    0,
    1.5,
    1e308,
    2 ** 53,
    10n,
    true,
    Symbol('s'),
    () => 1,
  ],
  ...['', 'constructor', 'some text'],
  ...[
    [],
    {},
    [null],
    [Number.NaN],
    { constructor: 1 },
    Object.create(null),
    new Date(0),
    new Map(),
    new Float32Array(2),
  ],
  // What people have in their hands: the bytes of a file, in every form.
  ...[Buffer.alloc(5000, 137), new Uint8Array(5000).fill(137).buffer, new Blob([new Uint8Array(5000)])],
  ...[new Array(5000).fill(137), { data: new Uint8Array(5000).fill(137) }, 'x'.repeat(5000)],
]
/** The errors themselves; generateShapes paints for seconds, and the suite of options has it. */
const leftOut = new Set(['UserError', 'InternalError', 'PictureError', 'generateShapes'])
const functions = Object.entries(fovea).filter(
  ([name, value]) => typeof value === 'function' && !leftOut.has(name),
) as [string, (...given: unknown[]) => unknown][]

// Whoever writes a file writes it there.
chdir(mkdtempSync(`${tmpdir()}/fovea-misuse-`))

test.each(functions)('%s gives a result or a sentence', async (_, call) => {
  const faults: string[] = []
  for (const value of values) {
    for (const given of [[value], [value, value], [{}, value]]) {
      try {
        await call(...given)
      } catch (error) {
        const said = error instanceof fovea.UserError ? error.message : undefined
        if (said === undefined || /\[object |undefined\.| {4}at /.test(said) || printsContent(said))
          faults.push(`${given.map(kind).join(', ')}: ${error}`.slice(0, 200))
      }
    }
  }
  expect(faults).toEqual([])
})

/** Nobody reads five thousand bytes in an error. */
const printsContent = (said: string): boolean => /(\b(137|89)\b[, ]+){5}|x{600}/.test(said)

const kind = (value: unknown): string =>
  typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value
