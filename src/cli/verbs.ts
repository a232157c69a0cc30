/** All verbs, in the order of a first visit. */
import type { Command } from './command.ts'
import { compare } from './compare.ts'
import { data } from './data.ts'
import { diagnose } from './diagnose.ts'
import { doctor } from './doctor.ts'
import { evaluate } from './evaluate.ts'
import { explain } from './explain.ts'
import { filter } from './filter.ts'
import { helpCommand } from './help.ts'
import { predict } from './predict.ts'
import { recipes } from './recipes.ts'
import { report } from './report.ts'
import { shiftTest } from './shift-test.ts'
import { summary } from './summary.ts'
import { train } from './train.ts'

export const verbs: readonly Command[] = [
  recipes,
  summary,
  train,
  evaluate,
  predict,
  compare,
  report,
  diagnose,
  explain,
  filter,
  shiftTest,
  data,
  doctor,
  helpCommand(() => verbs),
]
