/** jax-js on its `wasm` backend (Node 22 or newer): two of the recipes' networks, trained with SGD, without dropout. */
import { converse, requirePeer, versionOf } from './conversation.ts'

// biome-ignore lint/suspicious/noExplicitAny: a library without types here
type Any = any

let jax: Any

const mlp = (inputs: number, first: number, second: number) => ({
  shape: [inputs],
  sizes: { a: [inputs, first], b: [first, second], c: [second, 10] },
  apply: ({ a, b, c }: Any, x: Any) => {
    const { numpy: np, nn } = jax
    return np.dot(nn.relu(np.dot(nn.relu(np.dot(x, a)), b)), c)
  },
})

const cnn = (batch: number) => ({
  shape: [3, 32, 32],
  sizes: { a: [16, 3, 2, 2], b: [32, 16, 2, 2], c: [64, 32, 2, 2], d: [1024, 500], e: [500, 10] },
  apply: ({ a, b, c, d, e }: Any, x: Any) => {
    const { numpy: np, nn, lax } = jax
    const pooled = (h: Any, filters: number, side: number) =>
      np.max(np.max(h.reshape([batch, filters, side / 2, 2, side / 2, 2]), 5), 3)
    const padding = [
      [0, 1],
      [0, 1],
    ]
    const stage = (h: Any, w: Any, filters: number, side: number) =>
      pooled(nn.relu(lax.convGeneralDilated(h, w, [1, 1], padding)), filters, side)
    const h = stage(stage(stage(x, a, 16, 32), b, 32, 16), c, 64, 8)
    return np.dot(nn.relu(np.dot(h.reshape([batch, 1024]), d)), e)
  },
})

await converse(
  async () => {
    if (Number(process.versions.node.split('.')[0]) < 22) throw new Error('jax-js needs Node 22 or newer')
    jax = await import(requirePeer.resolve('@jax-js/jax'))
    await jax.init('wasm')
    jax.defaultDevice('wasm')
    return { '@jax-js/jax': versionOf('@jax-js/jax') }
  },
  async ({ task, recipe, batch }) => {
    const network = recipe === 'mnist-mlp' ? mlp(784, 512, 512) : recipe === 'cifar10-cnn' ? cnn(batch) : undefined
    if (task !== 'train' || !network) throw 'it trains mnist-mlp and cifar10-cnn here'
    const { numpy: np, nn, random, grad, jit, tree, blockUntilReady } = jax
    const { shape, sizes, apply } = network
    let weights: Any = Object.fromEntries(
      Object.entries(sizes).map(([name, size], index) => [name, random.normal(random.key(index), size).mul(0.03)]),
    )
    const x = random.uniform(random.key(9), [batch, ...shape])
    const labels = np.array(
      Array.from({ length: batch }, (_, row) => row % 10),
      { dtype: np.int32 },
    )
    const y = nn.oneHot(labels, 10)
    const loss = (w: Any, x: Any, y: Any) =>
      nn
        .logSoftmax(apply(w, x))
        .mul(y)
        .sum()
        .mul(-1 / batch)
    const update = jit((w: Any, x: Any, y: Any) => {
      const gradients = grad(loss)(tree.ref(w), x, y)
      return tree.map((a: Any, g: Any) => a.sub(g.mul(0.01)), w, gradients)
    })
    return {
      about: 'SGD, no dropout',
      async step() {
        weights = update(weights, x.ref, y.ref)
        await blockUntilReady(tree.ref(weights))
      },
    }
  },
)
