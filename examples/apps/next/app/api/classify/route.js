// A route of Next.js: the handler takes its Request, under the address that it answers pictures at.
import { serve } from '@fovea/server'
import { loadPredictor } from 'fovea'

const handler = loadPredictor('model.safetensors').then(model => serve(model))

export async function POST(request) {
  const handle = await handler
  const { search } = new URL(request.url)
  return handle(new Request(`http://model/${search}`, request))
}
