/** Several arrays of NumPy in an archive. */

import { expect, test } from 'vitest';
import { DataError, Tensor } from '../../src/index.ts';
import { writeNpy } from '../../src/io/npy.ts';
import { readNpz, writeNpz } from '../../src/io/npz.ts';
import { writeZip } from '../../src/io/zip.ts';

test('what is written is read again, by its names', async () => {
  const tensors = {
    w: Tensor.of([[1, 2]]),
    'layers.0.bias': Tensor.of([3], 'int32'),
    empty: Tensor.zeros([0, 2], 'float64'),
    ünïcode: Tensor.of(1),
  };
  for (const compress of [false, true]) {
    const found = await readNpz(await writeNpz(tensors, { compress }));
    expect([...found].map(([name, x]) => [name, x.dtype, x.toArray()])).toEqual(
      Object.entries(tensors).map(([name, x]) => [name, x.dtype, x.toArray()]),
    );
  }
  expect((await readNpz(await writeNpz(new Map()))).size).toBe(0);
});

test('folders in it are passed over, as some programs list them', async () => {
  const one = writeNpy(Tensor.of([1]));
  const bytes = await writeZip([{ name: 'layers/', bytes: new Uint8Array() }, { name: 'layers/w.npy', bytes: one }], false); // biome-ignore format: two files
  expect([...(await readNpz(bytes)).keys()]).toEqual(['layers/w']);
});

test('names that an archive cannot keep are refused', async () => {
  await expect(writeNpz({ '\ud800': Tensor.of(1) })).rejects.toThrow(/names that are texts/);
  await expect(writeNpz(new Map([[3, Tensor.of(1)]]) as never)).rejects.toThrow(/names that are texts, got 3/);
  await expect(writeNpz({ ['x'.repeat(70_000)]: Tensor.of(1) })).rejects.toThrow(/at most 65535 bytes/);
  expect((await readNpz(await writeNpz({ ['x'.repeat(65_000)]: Tensor.of(1) }))).size).toBe(1);
});

test('what is no array in it is refused, by its name', async () => {
  const bytes = await writeZip([{ name: 'notes.txt', bytes: new Uint8Array(3) }], false);
  await expect(readNpz(bytes, 'file.npz')).rejects.toThrow(/^file\.npz: 'notes\.txt': expected an npy file/);
  await expect(readNpz([] as never)).rejects.toThrow(DataError);
  await expect(readNpz(new Uint8Array(), 3 as never)).rejects.toThrow(DataError);
  await expect(writeNpz({ a: 1 } as never)).rejects.toThrow(/writeNpz/);
  await expect(writeNpz(3 as never)).rejects.toThrow(/tensors by name/);
  await expect(writeNpz({}, { compressed: true } as never)).rejects.toThrow(/did you mean compress/);
});
