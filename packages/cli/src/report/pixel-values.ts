/**
 * One picture large, each pixel's value written in it: what the network is really given. Grey pixels hold one number, coloured ones
 * three (red, green, blue, from top to bottom). Numbers are dark on light pixels and light on dark ones.
 */
import type { Picture } from 'fovea/internal/base/picture'
import { grey } from 'fovea/internal/preprocess/picture'
import type { DrawingTools } from './figure.ts'
import { drawing, image, svgElement } from './svg.ts'

/** From this grey value on, dark numbers have the greater contrast. */
const lightFrom = 118

export function pixelValues(picture: Picture, tools: DrawingTools): string {
  const { width, height, channels, data } = picture
  const cell = Math.min(48, Math.floor((channels === 1 ? 700 : 960) / width))
  const lightness = grey(picture).data
  const fontSize = channels === 1 ? cell * 0.42 : cell * 0.29
  const texts: Record<'dark' | 'light', string[]> = { dark: [], light: [] }
  for (let pixel = 0; pixel < width * height; pixel++) {
    const x = ((pixel % width) + 0.5) * cell
    const middle = (Math.floor(pixel / width) + 0.5) * cell
    const group = texts[lightness[pixel]! >= lightFrom ? 'dark' : 'light']
    for (let channel = 0; channel < channels; channel++) {
      const y = middle + (channel - (channels - 1) / 2) * fontSize * 1.08 + fontSize * 0.36
      group.push(svgElement('text', { x: tenth(x), y: tenth(y) }, String(data[pixel * channels + channel]!)))
    }
  }
  const numbers = { 'text-anchor': 'middle', 'font-size': fontSize }
  return drawing(
    width * cell,
    height * cell,
    image(tools.pictureUrl(picture), 0, 0, width * cell, height * cell) +
      svgElement('g', { ...numbers, fill: '#000' }, texts.dark.join('')) +
      svgElement('g', { ...numbers, fill: '#fff' }, texts.light.join('')),
  )
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}
