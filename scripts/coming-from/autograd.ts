/** Names of what differentiates. */

import {
  backend,
  binaryOp,
  checkpoint,
  customVjp,
  elementwiseOp,
  Gradients,
  grad,
  gradcheck,
  gradgradcheck,
  hessian,
  hvp,
  jacobian,
  jvp,
  onGradient,
  perExampleGradients,
  stopGradient,
  Tape,
  type Tensor,
  threads,
  toDot,
  unaryOp,
  useBackend,
  useThreads,
  valueAndGrad,
  vjp,
  vmap,
} from 'tapegrad';
import type { Section } from './row.ts';

declare const { x, v, dx, dy, y, loss, w }: Record<'x' | 'v' | 'dx' | 'dy' | 'y' | 'loss' | 'w', Tensor>;
declare const f: (x: Tensor) => Tensor;
declare const tape: Tape;
declare const gradients: Gradients;
declare const rule: Parameters<typeof customVjp>[1];
declare const unaryRule: Parameters<typeof unaryOp>[1];
declare const binaryRule: Parameters<typeof binaryOp>[1];
declare const elementwiseRule: Parameters<typeof elementwiseOp>[1];

export const autograd: readonly Section[] = [
  {
    title: 'Derivatives',
    rows: [
      [
        () => new Tape().record(() => f(x)),
        'x.requires_grad_()',
        '',
        '',
        '',
        'outside of `record` nothing is remembered: no `no_grad`, no `tidy`',
      ],
      [
        () => tape.backward(loss),
        'loss.backward()',
        'grad(loss_fn)(params)',
        '',
        'tf.variableGrads(lossOf)',
        'returns the gradients: no `.grad`, no `zero_grad`',
      ],
      [() => tape.backward(y, { gradient: dy }), 'y.backward(dy)', 'vjp(f, x)[1](dy)', '', 'tf.grad(f)(x, dy)'],
      [() => [gradients.get(w), new Gradients([[w, dx]])], 'w.grad', 'grads', '', 'grads[w.name]'],
      [() => stopGradient(x), 'x.detach()', 'lax.stop_gradient(x)', '', ''],
      [() => grad(f), 'torch.func.grad(f)', 'grad(f)', '', 'tf.grad(f)', '`f` gives a scalar; TensorFlow.js sums'],
      [() => valueAndGrad(f), 'torch.func.grad_and_value(f)', 'value_and_grad(f)', '', 'tf.valueAndGrad(f)'],
      [() => [vjp(f, x), jvp(f, [x], [dx])], 'torch.func.vjp(f, x), jvp(f, (x,), (dx,))', 'vjp(f, x), jvp(f, (x,), (dx,))', '', ''],
      [() => [jacobian(f), hessian(f)], 'torch.func.jacrev(f), hessian(f)', 'jacrev(f), hessian(f)', '', ''],
      [() => hvp(f, x, v), 'torch.autograd.functional.hvp(f, x, v)', 'jvp(grad(f), (x,), (v,))[1]', '', ''],
      [() => vmap(f), 'torch.func.vmap(f)', 'vmap(f)', '', '', '`vmap(f, { axes })`; results come first'],
      [() => perExampleGradients(f, x), 'vmap(grad(f))', 'vmap(grad(f))', '', ''],
      [() => checkpoint(f), 'utils.checkpoint.checkpoint(f, x)', 'checkpoint(f)', '', ''],
      [() => customVjp(f, rule), 'autograd.Function', 'custom_vjp(f)', '', 'tf.customGrad(f)'],
      [() => onGradient(x, (dy) => dy.clamp(-1, 1)), 'x.register_hook(…)', '', '', ''],
      [
        () => [unaryOp('name', unaryRule), binaryOp('name', binaryRule), elementwiseOp('name', elementwiseRule)],
        'autograd.Function',
        'custom_jvp(f)',
        '',
        'tf.customGrad(f)',
        'differentiable to any order, with a kernel',
      ],
    ],
  },
  {
    title: 'Checks, pictures, backend',
    rows: [
      [
        () => [gradcheck(f, [x]), gradgradcheck(f, [x])],
        'autograd.gradcheck(f, x), gradgradcheck(f, x)',
        'test_util.check_grads(f, (x,), 2)',
        '',
        '',
      ],
      [
        () => tape.record(() => f(x), { check: 'finite' }),
        'autograd.set_detect_anomaly(True)',
        "config.update('jax_debug_nans', True)",
        "np.seterr(all='raise')",
        'tf.enableDebugMode()',
      ],
      [() => String(tape), '', 'make_jaxpr(f)(x)', '', ''],
      [() => toDot(tape), 'torchviz.make_dot(loss)', '', '', ''],
      [() => backend().name, 'x.device', 'default_backend()', '', 'tf.getBackend()'],
      [() => useBackend('plain'), '', '', '', "tf.setBackend('cpu')", 'nothing to wait for, and the same bits'],
      [() => useThreads(2), 'torch.set_num_threads(2)', '', '', 'setThreadsCount(2)', 'off by default, and the same bits'],
      [() => threads().count, 'torch.get_num_threads()', '', '', 'getThreadsCount()'],
    ],
  },
];
