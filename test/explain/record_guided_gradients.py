"""Records guided gradients as PyTorch computes them, for guided-gradients.test.ts. Usage: python record_guided_gradients.py > recorded-guided-gradients.json

The network, in Keras's words: conv2d 4 filters 3x3 same relu, max pooling 2x2, conv2d 5 filters 3x3 tanh, conv2d 6 filters 3x3 same relu,
flatten, dense 7 relu, dense 3, softmax, on 10 x 9 x 3 pictures. Weights are given in Keras's layout. The score of a class is its logit.
"""
import json, torch, torch.nn.functional as F

torch.manual_seed(11)
d = torch.float64

class GuidedReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy.clamp(min=0) * (x > 0)

relu = GuidedReLU.apply
k1, b1 = torch.randn(4, 3, 3, 3, dtype=d) * .3, torch.randn(4, dtype=d) * .1
k2, b2 = torch.randn(5, 4, 3, 3, dtype=d) * .3, torch.randn(5, dtype=d) * .1
k3, b3 = torch.randn(6, 5, 3, 3, dtype=d) * .3, torch.randn(6, dtype=d) * .1
w1, c1 = torch.randn(3 * 2 * 6, 7, dtype=d) * .3, torch.randn(7, dtype=d) * .1
w2, c2 = torch.randn(7, 3, dtype=d) * .4, torch.randn(3, dtype=d) * .1
x = torch.rand(10, 9, 3, dtype=d)

def values(picture):
    v = {}
    v['conv2d'] = relu(F.conv2d(picture.permute(2, 0, 1)[None], k1, b1, padding=1))
    v['conv2d_1'] = torch.tanh(F.conv2d(F.max_pool2d(v['conv2d'], 2), k2, b2))
    v['conv2d_2'] = relu(F.conv2d(v['conv2d_1'], k3, b3, padding=1))
    flat = v['conv2d_2'].permute(0, 2, 3, 1).reshape(1, -1)
    v['score'] = relu(flat @ w1 + c1) @ w2 + c2
    return v

def guided(pick):
    picture = x.clone().requires_grad_(True)
    pick(values(picture)).backward()
    return picture.grad.reshape(-1).tolist()

def keras(kernel): return kernel.permute(2, 3, 1, 0).reshape(-1).tolist()

largest = {name: int(value[0].argmax()) for name, value in values(x).items() if name != 'score'}
cases = [{'class': c, 'gradient': guided(lambda v: v['score'][0, c])} for c in range(3)]
for name, flat in largest.items():
    _, channels, height, width = values(x)[name].shape
    channel, row, column = flat // (height * width), flat // width % height, flat % width
    cases.append({'layer': name, 'at': [row, column, channel], 'gradient': guided(lambda v: v[name][0, channel, row, column])})

print(json.dumps({
    'versions': {'torch': torch.__version__},
    'weights': {'conv2d/kernel': keras(k1), 'conv2d/bias': b1.tolist(), 'conv2d_1/kernel': keras(k2), 'conv2d_1/bias': b2.tolist(),
                'conv2d_2/kernel': keras(k3), 'conv2d_2/bias': b3.tolist(), 'dense/kernel': w1.reshape(-1).tolist(), 'dense/bias': c1.tolist(),
                'dense_1/kernel': w2.reshape(-1).tolist(), 'dense_1/bias': c2.tolist()},
    'picture': x.reshape(-1).tolist(), 'cases': cases,
}))
