/** Plans of entries that are added to a program. */
import type { StepGraph } from '../graph/node.ts'
import { expand } from './expand.ts'
import { blockedNodes } from './layout.ts'
import { liesPlain, type PlanOptions, type ProgramPlan, planProgram } from './plan.ts'

/**
 * Gives undefined where states are placed already and these entries need others, or one of them plain that lies blocked: then all entries
 * must be planned anew.
 */
export async function planMore(
  entries: Readonly<Record<string, StepGraph>>,
  options: PlanOptions & Required<Pick<PlanOptions, 'placed'>>,
): Promise<ProgramPlan | undefined> {
  const graphs = await Promise.all(Object.values(entries).map(expand))
  const blocked = blockedNodes(graphs, options.target.block, liesPlain(options.placed))
  const suits = graphs.every(graph =>
    graph.states.every(node => {
      const layout = options.placed.get(node.attributes.name)?.buffer.layout
      return layout !== undefined && (layout === 'blocked') === blocked.has(node)
    }),
  )
  return suits ? planProgram(entries, options) : undefined
}
