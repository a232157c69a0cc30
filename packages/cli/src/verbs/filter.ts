/** `fovea filter PICTURE`: a kernel over a picture, its channels apart, pooling; as PNG, and for small inputs as numbers with the arithmetic. */
import { basename, dirname, extname, join } from 'node:path'
import { readPicture, writePng } from '@fovea/pictures/internal/pictures'
import { UserError } from 'fovea/internal/base/errors'
import type { Picture } from 'fovea/internal/base/picture'
import { shellWord } from 'fovea/internal/base/text'
import { type FilterPadding, filterPlane, poolPlane, termsAt } from 'fovea/internal/explain/filter'
import { planeInColour, planeToPicture } from 'fovea/internal/explain/filter-picture'
import { kernelNames, namedKernel } from 'fovea/internal/explain/kernels'
import {
  type ChannelName,
  channelNames,
  channelPlane,
  type Plane,
  planeFromText,
  rowsOf,
} from 'fovea/internal/explain/plane'
import { type Context, command } from '../command/command.ts'
import type { FilterDocument, FilterResult } from '../command/documents.ts'
import { noEffect } from '../command/no-effect.ts'
import { checkPairs } from '../command/option-pairs.ts'
import { choiceOption, commonOptions, type Option, textOption, wholeOption } from '../command/options.ts'
import { readText } from '../command/text-input.ts'
import { planeText, termsText } from '../terminal/plane-text.ts'

const padding: Option<FilterPadding> = {
  help: 'zeros around the picture: none, as many as keep its size, or that many on every side (default: same; for numbers valid)',
  value: 'valid|same|N',
  read: written => {
    if (written === 'valid' || written === 'same') return { value: written }
    return /^\d+$/.test(written) ? { value: Number(written) } : { expected: 'valid, same or a whole number' }
  },
}

const outputPlace: Option<readonly [number, number]> = {
  help: 'write out the arithmetic of this output, counted from 0',
  value: 'ROW,COLUMN',
  read: written => {
    const match = /^(\d+)\s*,\s*(\d+)$/.exec(written)
    return match ? { value: [Number(match[1]), Number(match[2])] } : { expected: 'two whole numbers: 0,2' }
  },
}

/** Results of more numbers than this are pictures only. */
const mostNumbers = 4096
const mostPrinted = 100

export const filter = command({
  positional: { name: 'PICTURE', help: 'PNG, JPEG, or a text file of numbers (rows by line)', least: 1, most: 1 },
  options: {
    filter: textOption('NAME', `one of ${kernelNames.join(', ')} (default: all of them)`),
    kernel: textOption('ROWS', 'a kernel as numbers, rows divided by /: "0 1 2 / 2 2 0 / 0 1 2"'),
    stride: wholeOption('N', 'pixels from window to window (default: 1; of pooling, its size)'),
    padding,
    pool: choiceOption(['max', 'average'], 'then (or only) pooling'),
    'pool-size': wholeOption('N', 'side of a pooling window (default: 2)'),
    channel: choiceOption(
      [...channelNames, 'each'],
      'what is filtered of a colour picture (default: grey); each: red, green and blue apart, also in false colour',
    ),
    at: outputPlace,
    out: textOption('DIR', 'folder of the pictures (default: beside the picture, NAME-filtered; none for numbers)'),
    ...commonOptions,
  },
  examples: [
    'filter cat.png',
    'filter cat.png --filter sobel-x',
    'filter rows.txt --kernel "0 1 2 / 2 2 0 / 0 1 2" --json',
  ],
  run: async (context, { values, words: [path] }) => {
    checkPairs(values, {
      needs: [['pool-size', 'pool']],
      excludes: [['filter', 'kernel']],
    })
    const typed = /\.(txt|csv|tsv)$/i.test(path!)
    const apart = !typed && values.channel === 'each'
    const chosen = values.channel === 'each' ? undefined : values.channel
    const picture = typed ? undefined : await readPicture(path!)
    noteColours(context, values.channel, picture)
    const names: readonly ChannelName[] = apart ? ['red', 'green', 'blue'] : [chosen ?? 'grey']
    const planes = picture
      ? new Map(names.map(name => [name, channelPlane(picture, name)]))
      : new Map<ChannelName, Plane>([['grey', await planeOfFile(path!)]])
    const kernel = values.kernel === undefined ? undefined : planeFromText(values.kernel, '--kernel')
    const named = values.filter === undefined ? undefined : namedKernel(values.filter)
    const everything = !kernel && !named && !values.pool && !apart
    const kernels: [string, Plane | undefined][] = everything
      ? kernelNames.map(name => [name, namedKernel(name)])
      : [[values.filter ?? (kernel ? 'kernel' : (values.pool ?? 'channel')), kernel ?? named]]
    noteWindows(
      context,
      values,
      kernels.some(([, weights]) => weights),
    )
    const options = {
      padding: values.padding ?? (typed ? 'valid' : 'same'),
      stride: values.pool && (kernel || named) ? 1 : (values.stride ?? 1),
    } as const
    const folder =
      values.out ?? (typed ? undefined : join(dirname(path!), `${basename(path!, extname(path!))}-filtered`))

    const side = values['pool-size'] ?? 2
    const results: FilterResult[] = []
    const lines: string[] = []
    for (const [channel, plane] of planes) {
      for (const [kernelName, weights] of kernels) {
        const name = apart ? (weights ? `${kernelName}-${channel}` : channel) : kernelName
        const filtered = weights ? filterPlane(plane, weights, options) : plane
        const result = values.pool ? poolPlane(filtered, values.pool, side, values.stride ?? side) : filtered
        const terms = values.at && weights ? termsAt(plane, weights, options, ...values.at) : undefined
        const files = folder === undefined ? [] : await writeResult(folder, name, result, apart ? channel : 'grey')
        const shape = [result.height, result.width] as const
        const small = result.data.length <= mostNumbers
        results.push({ name, shape, ...(small && { values: rowsOf(result) }), ...(terms && { terms }), files })
        lines.push(`${name}: ${shape.join('×')}${files.length > 0 ? ` → ${files.join(', ')}` : ''}`)
        if (result.data.length <= mostPrinted) lines.push(planeText(rowsOf(result)))
        if (terms) lines.push(termsText(terms))
      }
    }
    if (values.at && !results.some(({ terms }) => terms)) {
      throw new UserError({ what: '--at writes out a convolution.', fix: 'Give --filter NAME or --kernel too.' })
    }
    const [only, ...others] = results
    const document: FilterDocument = others.length === 0 ? only! : { results }
    return { document, text: lines.join('\n'), next: nextFor(path!, [...planes.values()][0]!) }
  },
})

async function planeOfFile(path: string): Promise<Plane> {
  return planeFromText(await readText(path), path)
}

/** Numbers smaller than the kernel need zeros around them; pictures have them anyway. */
function nextFor(path: string, { height, width }: Plane): string {
  const small = Math.min(height, width) < 3
  return `filter ${shellWord(path)} --filter sobel-x --at 0,0${small ? ' --padding same' : ''}`
}

/** Options about windows where no window moves over the picture. */
function noteWindows(
  context: Context,
  { padding, stride, pool }: { readonly padding?: FilterPadding; readonly stride?: number; readonly pool?: string },
  filters: boolean,
): void {
  if (!filters && padding !== undefined) noEffect(context, 'padding', 'nothing is filtered')
  if (!filters && !pool && stride !== undefined) noEffect(context, 'stride', 'no window moves over the picture')
}

function noteColours(context: Context, channel: string | undefined, picture: Picture | undefined): void {
  if (channel === undefined) return
  if (picture === undefined) noEffect(context, 'channel', 'numbers have no colours')
  else if (picture.channels < 3) noEffect(context, 'channel', 'the picture is grey')
}

/** The result as a grey picture, and in the colour of its channel. */
async function writeResult(folder: string, name: string, plane: Plane, channel: ChannelName): Promise<string[]> {
  const files = [join(folder, `${name}.png`)]
  await writePng(files[0]!, planeToPicture(plane))
  if (channel !== 'grey') {
    files.push(join(folder, `${name}-colour.png`))
    await writePng(files[1]!, planeInColour(plane, channel))
  }
  return files
}
