/** `fovea report RUN…`: everything about a run, or several side by side, as one HTML page; its figures as PNG files too. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { shellWord } from '../base/text.ts'
import { nodeFiles } from '../host/node/files.ts'
import { pictureUrl } from '../host/node/picture-url.ts'
import { svgToPng } from '../host/node/svg-png.ts'
import { report as reportOf } from '../report/page.ts'
import { readReportRun } from '../report/report-run.ts'
import { standaloneSvg } from '../report/theme.ts'
import { runFiles } from '../train/run-recipe.ts'
import { command } from './command.ts'
import type { ReportDocument } from './documents.ts'
import { commonOptions, text } from './options.ts'

export const report = command({
  name: 'report',
  summary: 'a run, or several side by side, as one HTML page',
  positional: { name: 'RUN…', help: 'run directories', least: 1, most: Number.POSITIVE_INFINITY },
  options: {
    out: text('FILE', 'where to write it (default: report.html in the run directory, or in the last of several)'),
    png: text('DIR', 'also write each figure as a PNG file into this folder'),
    ...commonOptions,
  },
  examples: ['report runs/mnist-cnn-1-1', 'report runs/mnist-mlp-1-1 runs/mnist-cnn-1-1 --out both.html --png figures'],
  run: async (_, { values, words }) => {
    const document = await writeReport(words, values)
    const lines = [
      `Report ${document.report}`,
      ...(values.png === undefined ? [] : [`${document.png.length} figures in ${values.png}`]),
    ]
    return { document, text: lines.join('\n'), next: `diagnose ${shellWord(words.at(-1)!)}` }
  },
})

/** Writes the page about these runs, and its figures where wanted. */
export async function writeReport(
  folders: readonly string[],
  { out, png }: { readonly out?: string; readonly png?: string } = {},
): Promise<ReportDocument> {
  const runs = await Promise.all(folders.map(folder => readReportRun(nodeFiles, folder)))
  const { html, figures } = reportOf(runs, { tools: { pictureUrl } })
  const path = out ?? join(folders.at(-1)!, runFiles.report)
  await nodeFiles.write(path, new TextEncoder().encode(html))
  const written: string[] = []
  if (png !== undefined) {
    await mkdir(png, { recursive: true })
    for (const { name, svg } of figures) {
      written.push(join(png, `${name}.png`))
      await writeFile(written.at(-1)!, await svgToPng(standaloneSvg(svg)))
    }
  }
  return { report: path, bytes: html.length, png: written }
}
