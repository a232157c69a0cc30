/** Drawings as PNG files: resvg (compiled to WebAssembly) with a font of its own, so that they look the same everywhere. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { initWasm, Resvg } from '@resvg/resvg-wasm'

const require = createRequire(import.meta.url)
const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']

let fonts: Promise<Uint8Array[]> | undefined

async function loadFonts(): Promise<Uint8Array[]> {
  await initWasm(await readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')))
  return Promise.all(fontFiles.map(name => readFile(require.resolve(`dejavu-fonts-ttf/ttf/${name}`))))
}

/** A PNG of a drawing whose colours are written out (no custom properties), `scale` pixels per unit, on white. */
export async function svgToPng(svg: string, scale = 2): Promise<Uint8Array> {
  fonts ??= loadFonts()
  const drawing = new Resvg(svg, {
    background: 'white',
    fitTo: { mode: 'zoom', value: scale },
    font: { fontBuffers: await fonts, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' },
  })
  try {
    const rendered = drawing.render()
    try {
      return rendered.asPng()
    } finally {
      rendered.free()
    }
  } finally {
    drawing.free()
  }
}
