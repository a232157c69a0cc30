/**
 * The order of a network's layers as Keras has it after loading: by depth, the longest way to an output (of all calls of a layer), then by a
 * backward walk from the outputs. Its groups of weights are counted, and its optimizer's variables lie, in this order.
 */

export interface LayerCallNumbers {
  readonly layer: number
  /** Value numbers: the inputs of the network first, then one value for each call. */
  readonly inputs: readonly number[]
}

/** Layers by number, each once. Those that no output needs are left out. */
export function layerOrder(calls: readonly LayerCallNumbers[], inputs: number, outputs: readonly number[]): number[] {
  const { postOrder, met } = walkedBack(calls, inputs, outputs)
  const depths = new Map<number, number>()
  const layerDepths = new Map<number, number>()
  for (const at of postOrder.toReversed()) {
    const { layer, inputs: sources } = calls[at]!
    const depth = Math.max(depths.get(at) ?? 0, layerDepths.get(layer) ?? 0)
    layerDepths.set(layer, depth)
    for (const source of sources) {
      const before = source - inputs
      if (before >= 0) depths.set(before, Math.max(depths.get(before) ?? 0, depth + 1))
    }
  }
  return [...met.keys()].toSorted((a, b) => layerDepths.get(b)! - layerDepths.get(a)! || met.get(a)! - met.get(b)!)
}

/** Calls after all that they need, and layers in the order in which they were met. */
function walkedBack(calls: readonly LayerCallNumbers[], inputs: number, outputs: readonly number[]) {
  const reached = new Set<number>()
  const postOrder: number[] = []
  const met = new Map<number, number>()
  // With a list of its own: a network of thousands of layers is deeper than calls can be nested.
  const open: { readonly at: number; next: number }[] = []
  const enter = (value: number): void => {
    const at = value - inputs
    if (at < 0 || reached.has(at)) return
    reached.add(at)
    const { layer } = calls[at]!
    if (!met.has(layer)) met.set(layer, met.size)
    open.push({ at, next: 0 })
  }
  for (const output of outputs) {
    enter(output)
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const source = calls[top.at]!.inputs[top.next++]
      if (source !== undefined) enter(source)
      else postOrder.push(open.pop()!.at)
    }
  }
  return { postOrder, met }
}
