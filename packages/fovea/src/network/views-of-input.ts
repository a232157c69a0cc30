/**
 * Test-time augmentation: a model that sees several views of every picture and gives the mean of what it says of them. In: a model and
 * which views. Out: its nodes, whose outputs are the mean; weights, penalties and names are the model's own, so loss and metrics are
 * those of the mean. What is averaged is what the model gives: probabilities of one that ends in softmax or sigmoid (Krizhevsky,
 * Sutskever and Hinton 2012, section 4.1), logits of one that ends without (Jordan 2024, airbench94).
 */
import { UserError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import type { TestViews } from '../base/test-views.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { Model } from './model.ts'
import { type ModelNodes, type ModelNodesMaker, type ModelNodesOptions, modelNodes } from './model-nodes.ts'

interface View {
  readonly mirrored: boolean
  /** Pixels down and to the right. */
  readonly shift: number
  /** All weights add up to one; halves, quarters and eighths, so that products are exact. */
  readonly weight: number
}

/** The picture as it is comes first. */
function viewsOf(views: TestViews): readonly [View, ...View[]] {
  const isMirrored = views !== 'shifts'
  const whole = views === 'mirror' ? 1 : 1 / 2
  const shifts = [
    { shift: 0, weight: whole },
    ...(views === 'mirror' ? [] : [-1, 1].map(shift => ({ shift, weight: 1 / 4 }))),
  ]
  const all = shifts.flatMap(({ shift, weight }) =>
    isMirrored
      ? [false, true].map(mirrored => ({ mirrored, shift, weight: weight / 2 }))
      : [{ mirrored: false, shift, weight }],
  )
  return all as [View, ...View[]]
}

/** The model's nodes; its outputs are the mean over the views. Throws UserError for a model that does not answer for whole pictures. */
function nodesOfViews(views: TestViews, model: Model, graph: Graph, options: ModelNodesOptions): ModelNodes {
  checkSeesPictures(model)
  const pictures = options.inputs.map(input => graph.cast(input))
  const seen = viewsOf(views).map(view => ({
    weight: view.weight,
    nodes: modelNodes(model, graph, { ...options, inputs: pictures.map(x => seenAs(graph, x, view)) }),
  }))
  const outputs = model.outputs.map((_, index) =>
    seen
      .map(({ weight, nodes }) => graph.mul(nodes.outputs[index]!, weight))
      .reduce((sum, term) => graph.add(sum, term)),
  )
  return { ...seen[0]!.nodes, outputs }
}

/** How many views of a picture there are: a step of it is as much work and memory as so many pictures. */
export const viewsInAll = (views: TestViews): number => viewsOf(views).length

/** How a model that is asked with these views becomes nodes. */
export const seenOver = (views: TestViews): ModelNodesMaker => ({
  name: views,
  nodes: (model, graph, options) => nodesOfViews(views, model, graph, options),
})

/** Pictures N,H,W,C; what a shift brings in is the border's pixel again. */
function seenAs(graph: Graph, x: Node, { mirrored, shift }: View): Node {
  if (!mirrored && shift === 0) return x
  const [n, , width] = x.shape as [number, number, number]
  const [step, first] = mirrored ? [-1, width - 1 - shift] : [1, -shift]
  const cells = [1, 0, -shift, 0, step, first].map(value => graph.broadcast(graph.constant(value), [n, 1], true))
  return graph.affineSample(x, graph.concat(cells, 1), { fill: 'nearest', fillValue: 0, interpolation: 'nearest' })
}

/** Throws UserError for a model that views mean nothing to. */
export function checkSeesPictures({ inputs, outputs }: Model): void {
  if (inputs.every(({ shape }) => shape.length === 3) && outputs.every(({ shape }) => shape.length === 1)) return
  const shapes = (ends: Model['inputs']): string => ends.map(({ shape }) => formatShape(shape)).join(' and ')
  throw new UserError({
    what: 'Views are for models that see pictures and answer for each as a whole.',
    expected: 'inputs of height × width × channels, and outputs of one number for each class',
    received: `inputs of ${shapes(inputs)}, outputs of ${shapes(outputs)}`,
    fix: 'leave out `views`',
  })
}
