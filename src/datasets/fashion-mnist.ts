import { loadImages, type Mnist, type MnistBytes, type MnistOptions } from './idx-images.ts';

/**
 * Fashion-MNIST: 70,000 pictures of clothes in ten classes, in the format of MNIST and harder (Xiao, Rasul & Vollgraf 2017; MIT licence, Zalando
 * SE): T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot.
 *
 * Sources, options, splits and the cache are those of `mnist`. The files of labels are checked by their SHA-256; those of images by their size
 * and header alone, since the authors publish no checksum of their contents.
 *
 * @param source a directory with the four files, a URL below which they lie, or their bytes. Default the authors' server. Each may be gzipped.
 * @throws DataError, ValueError as `mnist` does.
 */
export function fashionMnist(source?: string | URL | MnistBytes, options?: MnistOptions): Promise<Mnist> {
  const origin = {
    name: 'fashionMnist',
    title: 'Fashion-MNIST',
    mirror: 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
    advice:
      'without a network, give fashionMnist a directory with the files, such as the folder data/fashion of zalandoresearch/fashion-mnist',
    digests: [
      undefined,
      'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
      undefined,
      '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    ],
  };
  return loadImages(origin, source, options);
}
