/**
 * One name for one thing. In: a word that somebody typed as an option: what it was called before, what the library calls it
 * (`dataDir`), what other tools call it (`lr`). Out: the option of that meaning, as it is typed here.
 */

/** Former words and those of others; a value behind the option's name belongs to what is typed. */
export const otherWords: Readonly<Record<string, string>> = {
  // Former names.
  samples: 'limit',
  filters: 'filter-count',
  size: 'pool-size',
  channels: 'channel each',
  // The library's.
  'run-dir': 'out',
  'resume-from': 'resume',
  strides: 'stride',
  // Other tools'.
  lr: 'learning-rate',
  batch: 'batch-size',
  'num-epochs': 'epochs',
  data: 'data-dir',
  'data-path': 'data-dir',
  output: 'out',
  'output-dir': 'out',
  workers: 'threads',
  'num-threads': 'threads',
}

/** `--limit` for `samples`; undefined where the verb has no option of that meaning. */
export function optionCalled(name: string, has: (option: string) => boolean): string | undefined {
  const typed = name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`).replaceAll('_', '-')
  const option = Object.hasOwn(otherWords, typed) ? otherWords[typed]! : typed
  return has(option.split(' ')[0]!) ? `--${option}` : undefined
}
