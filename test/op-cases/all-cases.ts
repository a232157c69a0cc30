/** Every op case. Names are unique; a suite checks that every operation has one. */
import type { OpCase } from './case.ts'
import { compositeCases } from './composite-cases.ts'
import { convolutionCases } from './convolution-cases.ts'
import { elementwiseCases } from './elementwise-cases.ts'
import { movementCases } from './movement-cases.ts'
import { normalizationCases } from './normalization-cases.ts'

export function allOpCases(): OpCase[] {
  return [
    ...elementwiseCases(),
    ...movementCases(),
    ...convolutionCases(),
    ...normalizationCases(),
    ...compositeCases(),
  ]
}
