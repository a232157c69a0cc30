/** The network of a run: drawn with the shapes that flow through it; its summary as a table, closed at first. */
import { formatShape } from 'fovea/internal/base/shape'
import { grouped } from 'fovea/internal/base/text'
import { inputType, type ModelSummary, summarize } from 'fovea/internal/network/summary'
import { type DrawingTools, type Figure, figureRow, type Section } from './figure.ts'
import { kindColour, type LayerKind } from './layer-kind.ts'
import { networkDrawing } from './network-drawing.ts'
import type { ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

export function networkSection(
  { model, pictures }: Pick<ReportRun, 'model' | 'pictures'>,
  tools: DrawingTools,
): Section {
  const summary = summarize(model)
  const { svg, kinds, words } = networkDrawing(model, pictures?.first[0], tools)
  const figure: Figure = {
    name: 'network',
    title: 'What each layer gives to the next',
    alt: `The network, box after box: ${words.join('; ')}.`,
    svg,
  }
  const legend = `<p class="note">Sides follow height and width, thickness the channels. ${kinds.map(legendOf).join(' ')}</p>`
  return {
    id: 'network',
    title: 'The network',
    html: figureRow([figure], `<div><p>${sentence(summary)}</p>${legend}${tableOf(summary)}</div>`),
    figures: [figure],
  }
}

function sentence({ layers, params }: ModelSummary): string {
  const trained =
    params.nonTrainable === 0 ? 'all of them trained' : `${grouped(params.nonTrainable)} of them not trained`
  const computing = layers.filter(({ type }) => type !== inputType).length
  return `${computing} layers, ${grouped(params.total)} parameters, ${trained}.`
}

function legendOf(kind: LayerKind): string {
  return `<span class="kind"><i style="background:${kindColour(kind)}"></i>${kind}</span>`
}

function tableOf({ layers, params }: ModelSummary): string {
  const branched = layers.some(({ connectedTo }, index) => connectedTo.length > 1 && index > 0)
  const rows = layers.map(({ name, type, outputShape, params: own, connectedTo }) => {
    const cells = [
      `${name} (${type})`,
      formatShape(outputShape),
      grouped(own),
      ...(branched ? [connectedTo.join(', ')] : []),
    ]
    return `<tr>${cells.map((cell, column) => `<td${wordsFrom(column)}>${escaped(cell)}</td>`).join('')}</tr>`
  })
  const heads = ['Layer (type)', 'Output shape', 'Parameters', ...(branched ? ['Connected to'] : [])]
  const total = (label: string, count: number) =>
    `<tr><td colspan="2">${label}</td><td>${grouped(count)}</td>${branched ? '<td></td>' : ''}</tr>`
  const feet = [
    total('Total', params.total),
    total('Trained', params.trainable),
    total('Not trained', params.nonTrainable),
  ]
  return (
    `<details><summary>Table of the ${layers.length} layers</summary>` +
    `<div class="scroll"><table><thead><tr>${heads.map((head, column) => `<th${wordsFrom(column)}>${head}</th>`).join('')}</tr></thead>` +
    `<tbody>${rows.join('')}</tbody><tfoot>${feet.join('')}</tfoot></table></div></details>`
  )
}

/** The column of connections holds words, the others numbers. */
function wordsFrom(column: number): string {
  return column === 3 ? ' class="words"' : ''
}
