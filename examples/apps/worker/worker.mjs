// A worker at the edge. It compiles nothing: `classifier.wasm` is imported as a module. There is no decoder for pictures, so pixels come in:
// width and height in the address, bytes in the body (1, 3 or 4 for each pixel), as a page has them from a canvas.
// Make the files: npx fovea export runs/photos-1-1 --to classifier.wasm     Run: npx wrangler dev, or workerd serve config.capnp
import module from 'classifier.wasm'
import { classifierOf } from 'classifier.wasm.mjs'

const classifier = classifierOf(module)

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url)
    const data = new Uint8Array(await request.arrayBuffer())
    try {
      const picture = { width: Number(searchParams.get('width')), height: Number(searchParams.get('height')), data }
      return Response.json(await classifier.classify(picture, { top: 3 }))
    } catch (error) {
      return Response.json({ error: error.message }, { status: 400 })
    }
  },
}
