/**
 * JPEG to pixels, upright. Which files are well formed, and which colours their channels mean, is decided here, as libjpeg-turbo
 * decides it; the decoder (jpeg-js) gets the picture written anew: frame, tables and scans only, in its own simplest words. Values
 * are as they are stored: colour profiles (ICC) say how a screen would show them. Sources: ITU T.81; libjpeg-turbo's jdmarker.c.
 */

import type { Picture } from 'fovea/internal/base/picture'
import { reasonOf } from 'fovea/internal/host/node/system-errors'
import { exifOrientation, orient } from 'fovea/internal/preprocess/orient'
import { pictureFrom } from 'fovea/internal/preprocess/picture'
import jpeg from 'jpeg-js'
import { isFrame, type JpegFrame, numberAt, progressive, readFrame } from './jpeg-frame.ts'
import { isLumaChroma, type JpegNotes, readNote } from './jpeg-notes.ts'
import { checkInterval, type JpegScan, readScan } from './jpeg-scan.ts'
import { type JpegSegment, jpegSegments, markers } from './jpeg-segments.ts'
import {
  type HuffmanTables,
  type QuantizationTables,
  readHuffman,
  readQuantization,
  standardHuffman,
  usableHuffman,
  usableQuantization,
} from './jpeg-tables.ts'

interface Jpeg {
  readonly frame: JpegFrame
  readonly notes: JpegNotes
  /** Frame, tables and scans, as the decoder gets them. */
  readonly segments: readonly Uint8Array[]
}

/** `checkSize` may throw before anything is unpacked. @throws Error saying what is wrong with the file; UnsupportedJpeg. */
export function decodeJpeg(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Picture {
  const { frame, notes, segments } = readJpeg(bytes, checkSize)
  const lumaChroma = isLumaChroma(frame, notes)
  const adobe = [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, Number(lumaChroma)]
  const file = Buffer.concat([
    Buffer.of(0xff, markers.startOfImage),
    written(markers.app14, adobe),
    ...segments,
    Buffer.of(0xff, markers.endOfImage),
  ])
  const stored = pictureFrom(frame.width, frame.height, 3, pixelsOf(file, lumaChroma))
  return notes.exif === undefined ? stored : orient(stored, exifOrientation(notes.exif))
}

function pixelsOf(file: Uint8Array, colorTransform: boolean): Uint8Array {
  try {
    return jpeg.decode(file, {
      useTArray: true,
      formatAsRGBA: false,
      colorTransform,
      // Strict, it does not take a last restart interval that is not full.
      tolerantDecoding: true,
      maxResolutionInMP: Number.POSITIVE_INFINITY,
      maxMemoryUsageInMB: 4096,
    }).data
  } catch (error) {
    if (reasonOf(error) !== undefined) throw error
    throw new Error('its picture data are not valid', { cause: error })
  }
}

function readJpeg(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Jpeg {
  const tables: Tables = { quantization: new Map(), huffman: standardHuffman(), interval: 0 }
  const notes: JpegNotes = { isJfif: false }
  const scans: Uint8Array[] = []
  /** Of each channel, the quantization table at its first scan. */
  const latched: Uint8Array[] = []
  let frame: JpegFrame | undefined
  let isWhole = false
  let codedBytes = 0

  for (const segment of jpegSegments(bytes)) {
    const { code, content, coded } = segment
    if (isFrame(code)) {
      const next = readFrame(code, content)
      if (frame !== undefined) throw new Error('it has two frames')
      frame = next
      checkSize(frame.width, frame.height)
    } else if (code === markers.startOfScan) {
      if (frame === undefined) throw new Error('its picture data come before its frame header')
      if (isWhole) throw new Error('its picture data come twice')
      const scan = readScan(content, frame)
      checkInterval(scan, frame, tables.interval)
      isWhole = frame.code !== progressive && scan.channels.length === frame.channels.length
      for (const { index } of scan.channels)
        latched[index] ??= usableQuantization(tables.quantization, frame.channels[index]!.quantization)
      scans.push(...scanSegments(scan, tables), coded)
      codedBytes += coded.length
    } else if (isTable(code)) readTable(segment, tables)
    else if (!isHarmless(code)) throw new Error(`it has a part of an unknown kind, ${code.toString(16)}`)
    else if (scans.length === 0) readNote(segment, notes)
  }

  if (frame === undefined || scans.length === 0) throw new Error('it has no picture data')
  if (8 * codedBytes < leastBits(frame)) throw new Error(`its picture data have only ${codedBytes} bytes`)
  const quantization = frame.channels.map((_, index) =>
    written(markers.quantizationTables, [0x10 | index, ...(latched[index] ?? new Uint8Array(128))]),
  )
  return { frame, notes, segments: [frameSegment(frame), ...quantization, ...scans] }
}

/** As they are at one place of the file. */
interface Tables {
  readonly quantization: QuantizationTables
  readonly huffman: HuffmanTables
  /** Units between restart markers; 0 for none. */
  interval: number
}

function isTable(code: number): boolean {
  return code === markers.quantizationTables || code === markers.huffmanTables || code === markers.restartInterval
}

function readTable({ code, content }: JpegSegment, tables: Tables): void {
  if (code === markers.quantizationTables) readQuantization(content, tables.quantization)
  else if (code === markers.huffmanTables) readHuffman(content, tables.huffman)
  else if (content.length !== 2) throw new Error('its restart interval is not valid')
  else tables.interval = numberAt(content, 0)
}

/** A scan with all that it uses before it. */
function scanSegments({ channels, huffman, range }: JpegScan, { huffman: all, interval }: Tables): Uint8Array[] {
  const names = channels.flatMap(({ index, tables }) => [index + 1, tables])
  return [
    written(
      markers.huffmanTables,
      huffman.flatMap(key => [key, ...usableHuffman(all, key)]),
    ),
    written(markers.restartInterval, [interval >> 8, interval & 255]),
    written(markers.startOfScan, [channels.length, ...names, ...range]),
  ]
}

/** Channels by their place, and a single one in units of one block: as such it is coded whatever its sampling factors. */
function frameSegment({ code, width, height, channels }: JpegFrame): Uint8Array {
  const sampling = channels.length === 1 ? [0x11] : channels.map(({ across, down }) => 16 * across + down)
  return written(code, [
    ...[8, height >> 8, height & 255, width >> 8, width & 255, channels.length],
    ...sampling.flatMap((factors, index) => [index + 1, factors, index]),
  ])
}

/** Each unit that is coded together takes one bit at least: a few bytes that claim to be millions of pixels are refused unread. */
function leastBits({ width, height, channels }: JpegFrame): number {
  const across = Math.max(...channels.map(channel => channel.across))
  const down = Math.max(...channels.map(channel => channel.down))
  return Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down))
}

function isHarmless(code: JpegSegment['code']): boolean {
  return (
    code === markers.arithmeticConditions ||
    code === markers.numberOfLines ||
    code === markers.comment ||
    (code >= markers.app0 && code <= markers.app15)
  )
}

function written(code: number, content: readonly number[]): Uint8Array {
  const length = content.length + 2
  return Uint8Array.of(0xff, code, length >> 8, length & 255, ...content)
}
