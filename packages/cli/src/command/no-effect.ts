/**
 * Options that change nothing in this call, because of the machine, the data or the model they meet. The call goes on, and each is
 * said once (`context.note`). What contradicts itself by the words alone is refused instead (option-pairs.ts).
 */

import type { PreprocessSpec } from 'fovea/internal/base/preprocess-spec'
import { nodeHost } from 'fovea/internal/host/node/host'
import { contracts } from 'fovea/internal/runtime/wasm-device'
import type { Context } from './command.ts'

type Noting = Pick<Context, 'note'>

export function noEffect(context: Noting, option: string, because: string): void {
  context.note(`--${option} has no effect here: ${because}.`)
}

/** Threads beyond the machine's cores, and speed that this engine cannot give. */
export function noteDevice(context: Noting, values: { readonly threads?: number; readonly numerics?: string }): void {
  const host = nodeHost()
  const { threads = 1, numerics } = values
  if (threads > host.cores) {
    const cores = host.cores === 1 ? 'this machine has 1 core' : `this machine has ${host.cores} cores`
    context.note(`--threads ${threads} gains nothing over --threads ${host.cores}: ${cores}.`)
  }
  if (numerics === 'fast' && !contracts(host)) {
    noEffect(context, 'numerics fast', 'this engine has no relaxed SIMD')
  }
}

/** `what` there are `count` of, all of which are taken anyway. */
export function noteLimit(
  context: Noting,
  option: string,
  limit: number | undefined,
  count: number,
  what: string,
): void {
  if (limit !== undefined && limit >= count) noEffect(context, `${option} ${limit}`, `there are ${count} ${what}`)
}

/** Choices about a preprocessing that the model does not have. */
export function notePreprocessing(
  context: Noting,
  values: { readonly raw?: true; readonly 'no-invert'?: true },
  spec: PreprocessSpec,
): void {
  if (values.raw && spec.digit === undefined && spec.resize === 'stretch') {
    noEffect(context, 'raw', 'this model takes pictures with no more preprocessing than that')
  }
  if (!values['no-invert']) return
  if (values.raw) noEffect(context, 'no-invert', 'with --raw nothing is turned dark or light')
  else if (spec.digit === undefined) noEffect(context, 'no-invert', 'this model is not one of drawn digits')
}
