/** `npm run check`: types (everything, the portable rooms without Node and DOM, the examples), format and lint, without any warning. */
import { binOf, install, statusOf } from './setup.mjs'

install()
const tsc = binOf('typescript', 'tsc')
const steps = [
  [tsc, '--noEmit', '-p', 'tsconfig.json'],
  [tsc, '--noEmit', '-p', 'tsconfig.portable.json'],
  [tsc, '--noEmit', '-p', 'examples/tsconfig.json'],
  [binOf('@biomejs/biome', 'biome'), 'check', '--error-on-warnings', '.'],
]
const failed = steps.filter(step => statusOf(process.execPath, step) !== 0)
if (failed.length > 0) process.exitCode = 1
