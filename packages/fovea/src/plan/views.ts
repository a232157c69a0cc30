/** How the elements of a view are found in what it looks at. In: the view, and how other nodes are read. Out: an access along its axes. */
import { stridesOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { ViewKind } from './operations.ts'
import type { Access } from './types.ts'

export interface Reader {
  accessOf(node: Node): Access
  /** The same with elements in row-major order without gaps. */
  contiguous(node: Node): Access
}

const views: { readonly [K in ViewKind]: (view: NodeOf<K>, reader: Reader) => Access } = {
  reshape: ({ inputs, shape }, reader) => ({ ...reader.contiguous(inputs[0]!), strides: stridesOf(shape) }),
  slice({ inputs, attributes }, reader) {
    const inner = reader.accessOf(inputs[0]!)
    return {
      ...inner,
      offset: attributes.begin.reduce((sum, begin, axis) => sum + begin * inner.strides[axis]!, inner.offset),
    }
  },
  transpose({ inputs, attributes }, reader) {
    const inner = reader.accessOf(inputs[0]!)
    return { ...inner, strides: attributes.permutation.map(axis => inner.strides[axis]!) }
  },
}

export function viewAccess(view: Node, reader: Reader): Access {
  return views[view.kind as ViewKind](view as never, reader)
}
