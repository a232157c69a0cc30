import { afterEach, describe, expect, test } from 'vitest'
import { fakePeer } from './fake-peer.testing.ts'
import { type Peer, startPeer, startPeers } from './peers.ts'

const started: Peer[] = []
afterEach(() => {
  for (const peer of started.splice(0)) peer.end()
})

async function start(source = fakePeer): Promise<Peer> {
  const peer = await startPeer('fake', process.execPath, ['-e', source])
  started.push(peer)
  return peer
}

const task = (recipe: string) => ({ task: 'train', recipe, batch: 32, threads: 2 }) as const

describe('a peer', () => {
  test('tells its versions, opens a task, takes turns and closes', async () => {
    const peer = await start()
    expect(peer.versions).toEqual({ fake: '1.0' })
    const opened = await peer.open(task('mnist-mlp'), () => {})
    expect(opened?.prediction).toEqual([0.25])
    expect(opened?.contestant.about).toBe('train 32 on 2')
    expect(await opened!.contestant.run(50)).toBe(5)
    await opened!.contestant.close()
    expect(await peer.open(task('mnist-cnn'), () => {})).toBeDefined()
  })

  test('says what it cannot do', async () => {
    const said: string[] = []
    expect(await (await start()).open(task('strange'), text => said.push(text))).toBeUndefined()
    expect(said).toEqual(['fake: strange left out, it is strange'])
  })

  test('that ends is an error with its last words', async () => {
    const peer = await start()
    await expect(peer.open(task('broken'), () => {})).rejects.toThrow(/fake failed: .*code 3[\s\S]*the reason/)
    await expect(peer.open(task('mnist-mlp'), () => {})).rejects.toThrow('fake failed')
  })

  test('that lacks a library says so', async () => {
    await expect(start(`console.log('{"missing": "no library"}')`)).rejects.toThrow('no library')
  })

  test('not installed is left out, with what to install', async () => {
    const said: string[] = []
    const env = { FOVEA_PEER_PYTHON: '/nowhere/python' }
    expect(await startPeers(['torch', 'onnxruntime'], env, text => said.push(text))).toEqual([])
    expect(said[0]).toContain('pip install torch numpy')
    expect(said[1]).toMatch(/FOVEA_PEER_MODULES.*onnxruntime-node/)
  })
})
