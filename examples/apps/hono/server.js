// A classifier within a server that does other things too: all that Fovea answers lies under /ml.
// Run: npm install && node server.js     Ask: curl -T picture.jpg http://127.0.0.1:3000/ml/models/photos
import { serve as classifiers } from '@fovea/server'
import { serve } from '@hono/node-server'
import { loadPredictor } from 'fovea'
import { Hono } from 'hono'

const photos = await loadPredictor('model.safetensors')

const app = new Hono()
app.get('/', context => context.text('Pictures are classified at /ml/models/photos.'))
app.mount('/ml', classifiers({ photos }))

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) })
