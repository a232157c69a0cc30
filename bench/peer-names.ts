/** The systems we are compared with, and what each needs to be there. */

export interface PeerInfo {
  readonly title: string
  /** `python`: run by FOVEA_PEER_PYTHON. `modules`: found in the folder FOVEA_PEER_MODULES. */
  readonly needs: 'python' | 'modules'
  /** What to install, as pip or npm take it. */
  readonly packages: string
}

export const peerInfos = {
  torch: { title: 'PyTorch', needs: 'python', packages: 'torch numpy' },
  keras: { title: 'Keras on TensorFlow', needs: 'python', packages: 'keras tensorflow-cpu' },
  'tfjs-cpu': { title: 'TensorFlow.js cpu', needs: 'modules', packages: '@tensorflow/tfjs' },
  'tfjs-wasm': {
    title: 'TensorFlow.js wasm',
    needs: 'modules',
    packages: '@tensorflow/tfjs @tensorflow/tfjs-backend-wasm',
  },
  'jax-js': { title: 'jax-js', needs: 'modules', packages: '@jax-js/jax' },
  onnxruntime: { title: 'ONNX Runtime', needs: 'modules', packages: 'onnxruntime-node' },
} as const satisfies Readonly<Record<string, PeerInfo>>

export type PeerName = keyof typeof peerInfos
export const peerNames = Object.keys(peerInfos) as PeerName[]
