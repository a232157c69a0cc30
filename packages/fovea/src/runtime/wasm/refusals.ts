/** What is said where the surroundings do not give what a program needs: loaded when it has to be said. */
import { UserError } from '../../base/errors.ts'
import { inBytes } from '../../base/text.ts'

export const noWebAssembly = (): UserError =>
  new UserError({
    what: 'There is no WebAssembly here.',
    expected: 'an engine with WebAssembly',
    fix: 'start Node without --jitless, or switch Lockdown Mode off for this page; slowly, referenceDevice() does without it',
  })

export const noSimd = (): UserError =>
  new UserError({
    what: 'WebAssembly has no SIMD here.',
    expected: 'Node 20.19, Chromium 91, Firefox 89, Safari 16.4 or newer, on a processor with SSE4.1 or NEON',
    fix: 'update the browser or Node; slowly, referenceDevice() does without it',
  })

/** Why code was not taken, where a policy forbids it; undefined for any other reason. */
export function forbidden(received: string): UserError | undefined {
  if (/content.?security.?policy|\bCSP\b|unsafe-eval/i.test(received)) {
    return new UserError({
      what: "The page's content security policy forbids WebAssembly.",
      expected: "'wasm-unsafe-eval' in its directive script-src",
      received,
      fix: "send Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:",
    })
  }
  if (!/disallowed by embedder/i.test(received)) return undefined
  return new UserError({
    what: 'WebAssembly that is written while the program runs is forbidden here.',
    expected: 'a page or a Node of your own; edge functions take modules only from files',
    received,
    fix: 'ask the model in Node or in the page',
  })
}

export const tooLarge = (bytes: number): UserError =>
  new UserError({
    what: 'The model does not fit into WebAssembly memory.',
    expected: 'at most 4 GiB for weights, optimizer state, activations and feeds',
    received: `${(bytes / 2 ** 30).toFixed(2)} GiB`,
    fix: 'use a smaller batch size or a smaller model',
  })

/** What lies behind the states grows with the rows of a step. */
export function lessThanNeeded(bytes: { needed: number; left: number; states: number; rows: number }): UserError {
  const { needed, left, states, rows } = bytes
  const fitting = Math.floor((rows * (left - states)) / (needed - states))
  const smaller = fitting >= 1 ? `use a batch size of about ${fitting}` : 'use a smaller model'
  return new UserError({
    what: 'The model does not fit into the memory that this machine has left.',
    expected: `at most ${inBytes(left)}`,
    received: `${inBytes(needed)} for a step of ${rows} rows, ${inBytes(states)} of them for weights and what the optimizer keeps`,
    fix: `${smaller}, or close other programs`,
  })
}

export const noMemory = (bytes: number, received: string): UserError =>
  new UserError({
    what: 'The memory for the model cannot be had here.',
    expected: `${Math.ceil(bytes / 2 ** 20)} MiB in one piece`,
    received,
    fix: 'use a smaller batch size, close other programs, or raise the limit on addresses (ulimit -v): engines reserve 8 GiB of them for each memory',
  })

export const noSuchCount = (threads: number, most: number): UserError =>
  new UserError({
    what: 'The number of threads cannot be used.',
    expected: `an integer from 1 to ${most}`,
    received: String(threads),
  })

export const noSharedMemory = (threads: number): UserError =>
  new UserError({
    what: `${threads} threads cannot share memory here.`,
    expected: 'a page that is cross-origin isolated',
    fix: 'serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or ask for 1 thread',
  })
