/** `fovea report RUN…`: everything about a run, or several side by side, as one HTML page; its figures as PNG files too. */
import { join } from 'node:path'
import { drawnWithPictures } from '@fovea/pictures/internal/picture-urls'
import { UserError } from 'fovea/internal/base/errors'
import { shellWord } from 'fovea/internal/base/text'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { refusalOf } from 'fovea/internal/host/node/system-errors'
import { runFiles } from 'fovea/internal/run/run-files'
import { command } from '../command/command.ts'
import type { ReportDocument } from '../command/documents.ts'
import { eachFile, type FailedFile } from '../command/each-file.ts'
import { commonOptions, textOption } from '../command/options.ts'
import { repeatCommand } from '../command/repeat-command.ts'
import { distinctPaths } from '../command/run-folder.ts'
import { version } from '../command/version.ts'
import { readReportRun } from '../report/report-run.ts'
import { pageScript } from './page-script.ts'
import { savedModel } from './saved-model.ts'

export const report = command({
  positional: { name: 'RUN…', help: 'run directories', least: 1, most: Number.POSITIVE_INFINITY },
  options: {
    out: textOption(
      'FILE',
      'where to write it (default: report.html in the run directory; of several runs comparison.html in the last one)',
    ),
    png: textOption('DIR', 'also write each figure as a PNG file into this folder'),
    ...commonOptions,
  },
  examples: ['report runs/mnist-cnn-1-1', 'report runs/mnist-mlp-1-1 runs/mnist-cnn-1-1 --out both.html --png figures'],
  run: async (_, { values, words }) => {
    const { document, folders, failed } = await writeReport(words, values)
    const lines = [
      `Report ${document.report}`,
      ...(values.png === undefined ? [] : [`${document.png.length} figures in ${values.png}`]),
    ]
    return { document, text: lines.join('\n'), next: `diagnose ${shellWord(folders.at(-1)!)}`, failed }
  },
})

/**
 * Writes the page about these runs, each once, and its figures where wanted. What draws is loaded only here: other verbs start
 * without it.
 */
async function writeReport(
  given: readonly string[],
  { out, png }: { readonly out?: string; readonly png?: string } = {},
): Promise<{
  readonly document: ReportDocument
  /** Of the runs in it. */
  readonly folders: readonly string[]
  readonly failed: readonly FailedFile[]
}> {
  const { reportPage: reportOf } = await import('../report/page.ts')
  const { done: runs, failed } = await eachFile(distinctPaths(given), folder => readReportRun(nodeFiles, folder))
  const folders = runs.map(({ folder }) => folder)
  const [only, ...others] = runs
  const live = only?.isSaved && others.length === 0 ? { [only.folder]: await tryOut(only.folder) } : {}
  const commands = Object.fromEntries(
    runs.flatMap(run => {
      const line = repeatCommand(run)
      return line === undefined ? [] : [[run.folder, line]]
    }),
  )
  const parts = { version: version(), live, commands, script: pageScript('figures-page') }
  const { html, figures } = await drawnWithPictures(pictureUrl => reportOf(runs, { tools: { pictureUrl }, ...parts }))
  const path = out ?? join(folders.at(-1)!, folders.length > 1 ? runFiles.comparison : runFiles.report)
  const content = new TextEncoder().encode(html)
  await nodeFiles.write(path, content)
  const written: string[] = []
  if (png !== undefined) {
    const { standaloneSvg } = await import('../report/theme.ts')
    const { svgToPng } = await import('../report/svg-png.ts')
    for (const { name, svg } of figures) {
      written.push(join(png, `${name}.png`))
      await nodeFiles.write(written.at(-1)!, await svgToPng(standaloneSvg(svg)))
    }
  }
  const problems = failed.map(({ file: run, problems }) => ({ run, problems }))
  return { document: { report: path, bytes: content.length, png: written, failed: problems }, folders, failed }
}

/** The section in which the run's model can be tried; a page has room for one. */
async function tryOut(folder: string): Promise<string> {
  const { liveSection } = await import('../report/live.ts')
  const { liveModel } = await import('./live-model.ts')
  return liveSection(await liveModel(await savedModel(folder), folder))
}

/** The report that training ends with. What is trained stays whatever becomes of its page: an error is told in its place. */
export async function closingReport(
  folders: readonly string[],
  out?: string,
): Promise<{ readonly path: string | null; readonly line: string }> {
  try {
    const { document, failed } = await writeReport(folders, out === undefined ? {} : { out })
    const lines = failed.map(({ problems }) => new UserError(problems).message)
    return { path: document.report, line: [`Report ${document.report}`, ...lines].join('\n') }
  } catch (thrown) {
    const error = refusalOf(thrown) ?? thrown
    if (!(error instanceof UserError)) throw error
    const kept = `The weights are kept in ${folders.join(', ')}; draw the page later: report ${folders.map(shellWord).join(' ')}`
    return { path: null, line: `No report: ${error.message}\n${kept}` }
  }
}
