/** The header of a scan of a JPEG file (ITU T.81, B.2.3): which channels it codes and how, checked as libjpeg-turbo checks it. */
import { type JpegFrame, progressive, UnsupportedJpeg } from './jpeg-frame.ts'

export interface JpegScan {
  readonly channels: readonly {
    /** Place in the frame. */
    readonly index: number
    /** DC table in the upper, AC table in the lower four bits. */
    readonly tables: number
  }[]
  /** Three bytes: first and last coefficient, bits of earlier and of this pass. */
  readonly range: Uint8Array
  /** Keys of the Huffman tables that it uses (see HuffmanTables). */
  readonly huffman: readonly number[]
}

/** More blocks than this cannot be coded as one unit. */
const mostBlocks = 10

export function readScan(content: Uint8Array, frame: JpegFrame): JpegScan {
  const count = content[0] ?? 0
  if (count < 1 || count > 4 || content.length !== 4 + 2 * count) throw new Error('the header of its scan is not valid')
  const channels = Array.from({ length: count }, (_, place) => ({
    id: content[1 + 2 * place]!,
    tables: content[2 + 2 * place]!,
  }))
  const used = new Set<number>()
  const found = channels.map(({ id, tables }) => {
    // Channels of one id count in their order.
    const index = frame.channels.findIndex((channel, at) => channel.id === id && !used.has(at))
    if (index < 0) throw new Error(`a scan names the channel ${id}, which is not there or there already`)
    used.add(index)
    return { index, tables }
  })
  const blocks = found.reduce((sum, { index }) => sum + frame.channels[index]!.across * frame.channels[index]!.down, 0)
  if (count > 1 && blocks > mostBlocks)
    throw new Error(`a scan codes ${blocks} blocks together, more than ${mostBlocks}`)
  const range = content.subarray(1 + 2 * count)
  return { channels: found, range, huffman: huffmanOf(frame, found, range) }
}

function huffmanOf(frame: JpegFrame, channels: JpegScan['channels'], range: Uint8Array): number[] {
  const direct = channels.map(({ tables }) => tables >> 4)
  const alternating = channels.map(({ tables }) => 16 + (tables & 15))
  if (frame.code !== progressive) return [...direct, ...alternating]
  const [first, last, bits] = range as unknown as readonly [number, number, number]
  const [earlier, now] = [bits >> 4, bits & 15]
  const isRange = first === 0 ? last === 0 : first <= last && last <= 63 && channels.length === 1
  if (!isRange || now > 13 || (earlier !== 0 && now !== earlier - 1))
    throw new Error(`a scan has impossible progressive parameters: ${first}, ${last}, ${earlier}, ${now}`)
  if (first > 0) return alternating
  return earlier === 0 ? direct : []
}

/**
 * The decoder fills the last restart interval of a scan. In a scan of one of several channels it takes the blocks for that from the row
 * that only other channels need, and does not find them.
 */
export function checkInterval(
  { channels }: JpegScan,
  { width, height, channels: all }: JpegFrame,
  interval: number,
): void {
  if (interval === 0 || channels.length > 1 || all.length === 1) return
  const { across, down } = all[channels[0]!.index]!
  const [mostAcross, mostDown] = [Math.max(...all.map(each => each.across)), Math.max(...all.map(each => each.down))]
  const columns = Math.ceil((Math.ceil(width / 8) * across) / mostAcross)
  const rows = Math.ceil((Math.ceil(height / 8) * down) / mostDown)
  const hasFurtherRow = rows < Math.ceil(height / (8 * mostDown)) * down
  if (hasFurtherRow && (rows * columns) % interval !== 0)
    throw new UnsupportedJpeg('a restart interval that does not divide a scan of one channel')
}
