import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { decode } from './dist/decode.js'
import { decodePicture } from './dist/pictures.js'
import { pictureToInput } from '../fovea/dist/preprocess/input.js'
import { readRegular } from '../fovea/dist/host/node/regular-file.js'
import { pixelCache } from './dist/pixel-cache.js'
const spec = { shape: [64, 64, 3], channels: 'rgb', resize: 'stretch' }
const root='/tmp/s/photos'
try { await mkdir(root) ; 
for (let seed = 0; seed < 200; seed++) {
    const [width, height] = [512, 384]; const data = new Uint8Array(width * height * 3)
    for (let at = 0; at < data.length; at++) { const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
      const blots = Math.sin(x / (9 + (seed % 13)) + seed) * Math.cos(y / (7 + (seed % 11))) * 60
      data[at] = 128 + blots + (((at * 2654435761 + seed * 40503) >>> 20) % 25) - 12 + 10 * (at % 3) }
    await sharp(data, { raw: { width, height, channels: 3 } }).jpeg({ quality: 72 }).toFile(join(root, seed+'.jpg'))
}} catch {}
const N=2000
const run=async(name,work,lanes=3)=>{ let next=0; const c=process.cpuUsage(); const t=performance.now(); const lane=async()=>{while(next<N){const i=next++; await work(join(root,(i%200)+'.jpg'))}}; await Promise.all(Array.from({length:lanes},lane)); const u=process.cpuUsage(c); console.log(name.padEnd(34),((performance.now()-t)/N).toFixed(3),'ms wall', ((u.user+u.system)/1000/N).toFixed(3),'cpu', Math.round(process.memoryUsage.rss()/1e6)) }
for (let k=0;k<2;k++){
sharp.concurrency(2)
await run('decoder alone (2)', async f=>sharp(await readFile(f)).raw().toBuffer())
sharp.concurrency(1)
await run('decoder alone (1)', async f=>sharp(await readFile(f)).raw().toBuffer())
await run('options', async f=>sharp(await readFile(f),{limitInputPixels:false,failOn:'warning',autoOrient:false}).toColourspace('srgb').raw({depth:'uchar'}).toBuffer({resolveWithObject:true}))
await run('our decode', async f=>decode(new Uint8Array(await readFile(f)),()=>{}))
await run('readRegular+sha+decodePicture', async f=>{const b=await readRegular(f,'picture'); createHash('sha256').update(b).digest('base64'); return decodePicture(b,f)})
await run('+input', async f=>{const b=await readRegular(f,'picture'); createHash('sha256').update(b).digest('base64'); return pictureToInput(await decodePicture(b,f),spec)})
}
