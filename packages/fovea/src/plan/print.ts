/**
 * A plan as text: phases with their kernels (how they are split, flops and bytes moved), then the buffers. In: an entry's plan. Out:
 * lines for people, goldens and `--profile`. Costs are those of a full batch.
 */
import { bytesOf } from '../base/shape.ts'
import { kernelCost } from './cost.ts'
import type { Buffer, Kernel, Plan } from './types.ts'

export function printPlan(plan: Plan): string {
  const kernels = plan.phases.flatMap(phase => phase.kernels)
  const total = kernels.map(kernel => kernelCost(kernel, plan.batch))
  const flops = total.reduce((sum, cost) => sum + cost.flops, 0)
  const lines = [
    `entry ${plan.name}, batch ${plan.batch}: ${plan.phases.length} phases, ${kernels.length} kernels, ${count(flops)} flops`,
    `arena ${plan.arenaBytes} bytes, feed ${plan.feedBytes}, result ${plan.resultBytes}, scratch ${plan.scratchBytes} a thread`,
  ]
  for (const [index, phase] of plan.phases.entries()) {
    lines.push(`phase ${index}`, ...phase.kernels.map(kernel => `  ${printKernel(kernel, plan.batch)}`))
  }
  lines.push('buffers', ...buffersOf(plan).map(buffer => `  ${printBuffer(buffer)}`))
  return `${lines.join('\n')}\n`
}

/** `3 convolution [conv2d, rows] feed x, state w → arena conv2d 7; 1.2 M flops, 340 k bytes` */
function printKernel(kernel: Kernel, batch: number): string {
  const { flops, bytes } = kernelCost(kernel, batch)
  const split = kernel.split === 'rows' ? 'rows' : `${kernel.units} ${kernel.units === 1 ? 'unit' : 'units'}`
  const names = (buffers: readonly Buffer[]): string => buffers.map(nameOf).join(', ')
  const reads = kernel.reads.length === 0 ? '' : `${names(kernel.reads)} `
  return `${kernel.id} ${kernel.name} [${kernel.spec.kind}, ${split}] ${reads}→ ${names(kernel.writes)}; ${count(flops)} flops, ${count(bytes)} bytes`
}

function printBuffer(buffer: Buffer): string {
  const kind = [buffer.dtype, buffer.batched ? 'batched' : '', buffer.layout === 'blocked' ? 'blocked' : '']
  return `${nameOf(buffer)}: ${kind.filter(word => word !== '').join(' ')}, ${buffer.size} elements, ${buffer.size * bytesOf[buffer.dtype]} bytes at ${buffer.offset}`
}

function nameOf({ space, name }: Buffer): string {
  return `${space} ${name}`
}

/** Everything a kernel touches, in order of first use. */
function buffersOf(plan: Plan): Buffer[] {
  const touched = plan.phases.flatMap(phase => phase.kernels.flatMap(kernel => [...kernel.reads, ...kernel.writes]))
  return [...new Set(touched)]
}

/** Three digits and a unit: 999, 1.00 k, 12.3 M. */
function count(value: number): string {
  const units = ['', ' k', ' M', ' G', ' T']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor((String(Math.round(value)).length - 1) / 3)))
  return power === 0 ? String(Math.round(value)) : (value / 1000 ** power).toPrecision(3) + units[power]!
}
