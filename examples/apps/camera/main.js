// What the camera sees, as often as the screen shows it: while one frame is computed, those that come are passed over. The page goes on.
// Run: npm install && npx vite     The model lies in public/model.safetensors.
import { classifyStream, loadPredictor } from 'fovea/predictor'

const [start, video, answer] = ['start', 'video', 'answer'].map(id => document.getElementById(id))

start.addEventListener('click', async () => {
  start.disabled = true
  const bytes = new Uint8Array(await (await fetch('model.safetensors')).arrayBuffer())
  const model = await loadPredictor(bytes)
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  await video.play()
  for await (const [best] of classifyStream(model, video, { top: 1 }))
    answer.textContent = `${best.className} (${(100 * best.probability).toFixed(0)} %)`
})
