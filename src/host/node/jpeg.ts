/**
 * JPEG to pixels, upright. Which files are well formed, and which colours their channels mean, is decided here, as libjpeg-turbo
 * decides it; the decoder (jpeg-js) gets the picture written anew: frame, tables and scans only, in its own simplest words. Values
 * are as they are stored: colour profiles (ICC) say how a screen would show them. Sources: ITU T.81; libjpeg-turbo's jdmarker.c.
 */
import jpeg from 'jpeg-js'
import type { Picture } from '../../base/picture.ts'
import { exifOrientation, orient } from '../../preprocess/orient.ts'
import { pictureFrom } from '../../preprocess/picture.ts'
import { isFrame, isLumaChroma, type JpegFrame, numberAt, progressive, readFrame } from './jpeg-frame.ts'
import { checkInterval, readScan } from './jpeg-scan.ts'
import { type JpegSegment, jpegSegments, markers } from './jpeg-segments.ts'
import {
  type QuantizationTables,
  readHuffman,
  readQuantization,
  standardHuffman,
  usableHuffman,
} from './jpeg-tables.ts'

interface Jpeg {
  readonly frame: JpegFrame
  readonly lumaChroma: boolean
  /** The TIFF structure with the orientation. */
  readonly exif: Uint8Array | undefined
  /** Frame, tables and scans. */
  readonly segments: readonly Uint8Array[]
}

/** `checkSize` may throw before anything is unpacked. @throws Error saying what is wrong with the file; UnsupportedJpeg. */
export function decodeJpeg(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Picture {
  const { frame, lumaChroma, exif, segments } = readJpeg(bytes, checkSize)
  const adobe = [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, Number(lumaChroma)]
  const file = Buffer.concat([
    Buffer.of(0xff, markers.startOfImage),
    segment(markers.app14, adobe),
    ...segments,
    Buffer.of(0xff, markers.endOfImage),
  ])
  const stored = pictureFrom(frame.width, frame.height, 3, pixelsOf(file, lumaChroma))
  return exif === undefined ? stored : orient(stored, exifOrientation(exif))
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
    if (error instanceof RangeError) throw error
    throw new Error('its picture data are not valid', { cause: error })
  }
}

function readJpeg(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Jpeg {
  const quantization: QuantizationTables = new Map()
  const huffman = standardHuffman()
  const scans: Uint8Array[] = []
  /** The table of each channel is the one at its first scan. */
  const tables: (Uint8Array | undefined)[] = []
  let frame: JpegFrame | undefined
  let interval = 0
  let isWhole = false
  let isJfif = false
  let adobeTransform: number | undefined
  let exif: Uint8Array | undefined
  let codedBytes = 0

  for (const { code, content, coded } of jpegSegments(bytes)) {
    const isHead = scans.length === 0
    if (isFrame(code)) {
      const next = readFrame(code, content)
      if (frame !== undefined) throw new Error('it has two frames')
      frame = next
      checkSize(frame.width, frame.height)
    } else if (code === markers.quantizationTables) readQuantization(content, quantization)
    else if (code === markers.huffmanTables) readHuffman(content, huffman)
    else if (code === markers.restartInterval) {
      if (content.length !== 2) throw new Error('its restart interval is not valid')
      interval = numberAt(content, 0)
    } else if (code === markers.startOfScan) {
      if (frame === undefined) throw new Error('its picture data come before its frame header')
      if (isWhole) throw new Error('its picture data come twice')
      const scan = readScan(content, frame)
      checkInterval(scan, frame, interval)
      isWhole = frame.code !== progressive && scan.channels.length === frame.channels.length
      for (const { index } of scan.channels)
        tables[index] ??= tableOf(quantization, frame.channels[index]!.quantization)
      const used = scan.huffman.flatMap(key => [key, ...usableHuffman(huffman, key)])
      scans.push(
        segment(markers.huffmanTables, used),
        segment(markers.restartInterval, [interval >> 8, interval & 255]),
        segment(markers.startOfScan, [
          scan.channels.length,
          ...scan.channels.flatMap(channel => [channel.index + 1, channel.tables]),
          ...scan.range,
        ]),
        coded,
      )
      codedBytes += coded.length
    } else if (isHead && code === markers.app0) isJfif ||= content.length >= 14 && startsWith(content, 'JFIF\0')
    else if (isHead && code === markers.app14) {
      if (content.length >= 12 && startsWith(content, 'Adobe')) adobeTransform = content[11]
    } else if (isHead && code === markers.app1) {
      if (startsWith(content, 'Exif\0')) exif ??= content.subarray(6)
    } else if (!isHarmless(code)) throw new Error(`it has a part of an unknown kind, ${code.toString(16)}`)
  }

  if (frame === undefined || scans.length === 0) throw new Error('it has no picture data')
  if (8 * codedBytes < leastBits(frame)) throw new Error(`its picture data have only ${codedBytes} bytes`)
  return {
    frame,
    lumaChroma: isLumaChroma(frame, isJfif, adobeTransform),
    exif,
    segments: [
      frameSegment(frame),
      ...frame.channels.map((_, index) =>
        segment(markers.quantizationTables, [0x10 | index, ...(tables[index] ?? new Uint8Array(128))]),
      ),
      ...scans,
    ],
  }
}

/** Channels by their place, and a single one in units of one block: as such it is coded whatever its sampling factors. */
function frameSegment({ code, width, height, channels }: JpegFrame): Uint8Array {
  const sampling = channels.length === 1 ? [0x11] : channels.map(({ across, down }) => 16 * across + down)
  return segment(code, [
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

function tableOf(tables: QuantizationTables, number: number): Uint8Array {
  const table = tables.get(number)
  if (table === undefined) throw new Error('a quantization table is missing')
  return table
}

function isHarmless(code: JpegSegment['code']): boolean {
  return (
    code === markers.arithmeticConditions ||
    code === markers.numberOfLines ||
    code === markers.comment ||
    (code >= markers.app0 && code <= markers.app15)
  )
}

function startsWith(content: Uint8Array, word: string): boolean {
  return [...word].every((character, at) => content[at] === character.charCodeAt(0))
}

function segment(code: number, content: readonly number[]): Uint8Array {
  const length = content.length + 2
  return Uint8Array.of(0xff, code, length >> 8, length & 255, ...content)
}
