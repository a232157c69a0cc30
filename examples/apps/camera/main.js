// What the camera sees, some times a second: the next picture is taken when the last answer is there, so none waits in a line.
// Run: npm install && npx vite     The model lies in public/model.safetensors.
import { loadPredictor } from 'fovea/predictor'

const [start, video, answer] = ['start', 'video', 'answer'].map(id => document.getElementById(id))

start.addEventListener('click', async () => {
  start.disabled = true
  const bytes = new Uint8Array(await (await fetch('model.safetensors')).arrayBuffer())
  const model = await loadPredictor(bytes)
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  await video.play()
  const next = async () => {
    const [best] = await model.classify(await createImageBitmap(video), { top: 1 })
    answer.textContent = `${best.className} (${(100 * best.probability).toFixed(0)} %)`
    video.requestVideoFrameCallback(next)
  }
  video.requestVideoFrameCallback(next)
})
