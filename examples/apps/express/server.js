// One route that answers what a picture shows. `classify` takes the bytes as they came; what is no picture is the client's fault.
// Run: npm install && node server.js     Ask: curl --data-binary @picture.jpg http://127.0.0.1:3000/classify
import express from 'express'
import { loadPredictor, PictureError } from 'fovea'

const model = await loadPredictor('model.safetensors')
const app = express()

app.post('/classify', express.raw({ type: () => true, limit: '10mb' }), async (request, response) => {
  try {
    response.json(await model.classify(new Uint8Array(request.body), { top: 3 }))
  } catch (error) {
    if (!(error instanceof PictureError)) throw error
    response.status(400).json({ error: error.message })
  }
})

app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
