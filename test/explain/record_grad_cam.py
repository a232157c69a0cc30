"""Records Grad-CAM as PyTorch computes it, for grad-cam.test.ts. Usage: python record_grad_cam.py > recorded-grad-cam.json

The network, in Keras's words: conv2d 4 filters 3x3 same relu, max pooling 2x2, conv2d 6 filters 3x3 same relu, flatten, dense 3, softmax,
on 10 x 8 x 3 pictures. Weights are given in Keras's layout. The score is the logit; maps are taken at the second convolution.
"""
import json, torch, torch.nn.functional as F

torch.manual_seed(7)
d = torch.float64
k1, b1 = torch.randn(4, 3, 3, 3, dtype=d) * .3, torch.randn(4, dtype=d) * .1
k2, b2 = torch.randn(6, 4, 3, 3, dtype=d) * .3, torch.randn(6, dtype=d) * .1
w, b = torch.randn(5 * 4 * 6, 3, dtype=d) * .2, torch.randn(3, dtype=d) * .1
x = torch.rand(10, 8, 3, dtype=d)

def keras(kernel): return kernel.permute(2, 3, 1, 0).reshape(-1).tolist()

cases = []
for c in range(3):
    h = F.max_pool2d(F.relu(F.conv2d(x.permute(2, 0, 1)[None], k1, b1, padding=1)), 2)
    a = F.relu(F.conv2d(h, k2, b2, padding=1))
    leaf = a.detach().clone().requires_grad_(True)
    score = (leaf.permute(0, 2, 3, 1).reshape(1, -1) @ w + b)[0, c]
    score.backward()
    alpha = leaf.grad.mean(dim=(2, 3), keepdim=True)
    cam = F.relu((alpha * leaf).sum(dim=1))[0]
    cases.append({'class': c, 'score': score.item(), 'map': cam.detach().reshape(-1).tolist()})

print(json.dumps({
    'versions': {'torch': torch.__version__},
    'weights': {'conv2d/kernel': keras(k1), 'conv2d/bias': b1.tolist(), 'conv2d_1/kernel': keras(k2), 'conv2d_1/bias': b2.tolist(),
                'dense/kernel': w.reshape(-1).tolist(), 'dense/bias': b.tolist()},
    'picture': x.reshape(-1).tolist(), 'shape': [5, 4], 'cases': cases,
}))
