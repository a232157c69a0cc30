import { loadModel } from 'fovea'
import { copyFileSync } from 'node:fs'
copyFileSync('/tmp/q16/hdf5-1-464.bin','/tmp/q16/x.h5')
try { await loadModel('/tmp/q16/x.h5') } catch (e) { console.log(e.message.slice(0,300)) }
console.log('end')
