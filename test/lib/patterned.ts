/** Numbers without a pattern to the eye, the same in every language: how golden values were made elsewhere. */

import { type MultiHeadAttention, type Parameter, Tensor, type TransformerEncoderLayer } from '../../src/index.ts';
import type { LayerNorm } from '../../src/layers/norms.ts';

/** `((i + by) · 29 mod 13) / 8 − 0.7` in a shape, float64. */
export function patterned(shape: readonly number[], by: number): Tensor {
  const length = shape.reduce((a, b) => a * b, 1);
  return new Tensor(
    shape,
    Float64Array.from({ length }, (_, i) => (((i + by) * 29) % 13) / 8 - 0.7),
  );
}

/** Sets the weight and the bias of a layer of products: half of the numbers from `by` on, and from `by + 1` on. */
export function setLinear({ weight, bias }: { readonly weight: Parameter; readonly bias: Parameter | undefined }, by: number): void {
  weight.assign(patterned(weight.shape, by).mul(0.5));
  bias?.assign(patterned(bias.shape, by + 1).mul(0.5));
}

/** Sets the weights of attention: those of query, key, value and output. */
export function setAttention({ query, key, value, output }: MultiHeadAttention, by: number): void {
  [query, key, value, output].forEach((linear, i) => setLinear(linear, by + 2 * i));
}

/** Sets the weight and the bias of a normalization: numbers about 1, and about 0. */
export function setNorm({ weight, bias }: LayerNorm, by: number): void {
  weight?.assign(patterned(weight.shape, by).add(1));
  bias?.assign(patterned(bias.shape, by + 1).mul(0.5));
}

/** Sets what all blocks of transformers have. */
export function setBlock(
  block: Pick<TransformerEncoderLayer, 'attention' | 'attentionNorm' | 'feedForward' | 'feedForwardNorm'>,
  by: number,
): void {
  setAttention(block.attention, by);
  setLinear(block.feedForward.layers[0] as never, by + 8);
  setLinear(block.feedForward.layers[3] as never, by + 10);
  setNorm(block.attentionNorm, by + 12);
  setNorm(block.feedForwardNorm, by + 14);
}

/**
 * `TransformerEncoderLayer(4, 2, 8)`, `TransformerDecoderLayer` and a `TransformerEncoder` of two of PyTorch 2.13 with these weights, on
 * `patterned([2, 3, 4], 5)` and the memory `patterned([2, 5, 4], 9)`.
 */
export const goldenTransformers = {
  'encoder false relu': [
    -0.4219803883, -1.041561024, -0.2252032432, 0.8513009462, -0.4034778798, -1.005766421, -0.339293641, 0.8626546501, -0.3844106045,
    -0.969705064, -0.449647485, 0.8724678415, 0.8220733695, -1.851208658, -0.3658461094, 0.5551235269, 0.8343836234, -1.802524282,
    -0.509445203, 0.5737623389, 0.834333727, -1.802762425, -0.5087804576, 0.5736772732,
  ],
  'decoder false relu': [
    -0.8816393032, -0.2887659472, -0.4198690166, 0.8610033864, -0.8561174386, -0.2884070919, -0.4865307968, 0.8678651624, -0.8311560211,
    -0.2876819862, -0.5502733313, 0.8739871544, 1.360029313, -1.113574445, -1.900861772, 0.4576687196, 1.323733392, -1.067942776,
    -1.966671723, 0.4791772418, 1.288422556, -1.025837226, -2.023364464, 0.4987449113,
  ],
  'encoder false gelu': [
    -0.3095920542, -1.065506495, -0.4269189858, 0.863308344, -0.2888225641, -1.026891978, -0.5418481883, 0.8726424947, -0.2674857517,
    -0.9879029547, -0.6533404696, 0.8804847603, 0.9757167272, -1.78727422, -0.6283825131, 0.5301866798, 0.982205494, -1.734968239,
    -0.7605719874, 0.5469907571, 0.982183099, -1.73521961, -0.7599647794, 0.5469139722,
  ],
  'decoder false gelu': [
    -0.7582388939, -0.3479454566, -0.6373552524, 0.8856604185, -0.72995169, -0.3452191044, -0.7064221283, 0.8908948031, -0.7025079275,
    -0.342136945, -0.7720707914, 0.8953892073, 1.383152093, -1.0924045, -1.92464429, 0.4446528118, 1.349501573, -1.049248905, -1.987558717,
    0.4648465815, 1.31677107, -1.009589074, -2.041883386, 0.4832830323,
  ],
  'encoder true relu': [
    0.1071959674, -0.3834437325, 0.4071503612, 0.7599732493, -0.0178040326, -0.5084437325, 0.2821503612, 0.6349732493, -0.1428040326,
    -0.6334437325, 0.1571503612, 0.5099732493, 1.059845429, -0.7881857577, 0.069881369, 0.3609057993, 0.9348454288, -0.9131857577,
    -0.055118631, 0.2359057993, 0.8098454288, -1.038185758, -0.180118631, 0.1109057993,
  ],
  'decoder true relu': [
    0.0866359482, -0.0941373321, 0.1938231811, 0.6420810617, -0.0383640518, -0.2191373321, 0.0688231811, 0.5170810617, -0.1633640518,
    -0.3441373321, -0.0561768189, 0.3920810617, 1.063411949, -0.5868660281, -0.3435456915, 0.0717667765, 0.9384119486, -0.7118660281,
    -0.4685456915, -0.0532332235, 0.8134119486, -0.8368660281, -0.5935456915, -0.1782332235,
  ],
  'encoder true gelu': [
    0.193788037, -0.4632221222, 0.2689295132, 0.7656420966, 0.068788037, -0.5882221222, 0.1439295132, 0.6406420966, -0.056211963,
    -0.7132221222, 0.0189295132, 0.5156420966, 1.217541755, -0.8325830781, -0.091466174, 0.2940106082, 1.092541755, -0.9575830781,
    -0.216466174, 0.1690106082, 0.9675417554, -1.082583078, -0.341466174, 0.0440106082,
  ],
  'decoder true gelu': [
    0.2267084142, -0.1654975893, 0.0323961641, 0.6194549789, 0.1017084142, -0.2904975893, -0.0926038359, 0.4944549789, -0.0232915858,
    -0.4154975893, -0.2176038359, 0.3694549789, 1.217423034, -0.6369617695, -0.502267726, 0.0125545835, 1.092423034, -0.7619617695,
    -0.627267726, -0.1124454165, 0.9674230345, -0.8869617695, -0.752267726, -0.2374454165,
  ],
  stack: [
    0.1174234873, -1.103747346, -0.0930583474, 2.065744681, 0.1167372665, -1.105791794, -0.0874308752, 2.064285862, 0.1160479078,
    -1.107829352, -0.0817945373, 2.062812699, 0.716493418, -0.8951231724, -0.6490219101, 0.5798631952, 0.7165901884, -0.8963406899,
    -0.6466579025, 0.5787272461, 0.7166857283, -0.8975581117, -0.6442903708, 0.5775903308,
  ],
  'encoder gradient': [
    -0.202228272, 1.010207626, -1.941877734, 0.5378179367, -0.1771046511, 1.054625375, -2.048846686, 0.5668964081, -0.6139253324,
    -0.8894826502, 1.151699126, -0.2787511293, 0.4189758103, -0.4472682832, 1.998719687, -0.8215557502, 0.3962136054, -0.3962280637,
    1.866387775, -0.7374150976, 0.0259044629, -0.4246856523, 1.310741476, 0.2016917106,
  ],
} as const;
