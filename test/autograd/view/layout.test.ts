/** Where the nodes of a page stand. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHTML } from '../../../src/index.ts';
import { runs } from '../../lib/runs.ts';
import { graphs, pageOf } from '../../lib/tapes.ts';

describe('a page', () => {
  test('places every node below all its inputs, and no two nodes on each other', () => {
    fc.assert(
      fc.property(graphs, (tape) => {
        const { all } = pageOf(toHTML(tape));
        const boxes = all('.node').map((node) => {
          const [x, y] = /translate\((\S+) (\S+)\)/.exec(node.getAttribute('transform'))!.slice(1).map(Number) as [number, number];
          const shape = node.querySelector('.shape');
          const half = Number(/L(\S+)/.exec(shape.getAttribute('d'))?.[1] ?? shape.getAttribute('width') / 2);
          return { left: x - half, right: x + half, top: y, bottom: y + node.querySelectorAll('text').length * 17 + 10 };
        });
        for (const { inputs, output } of tape.entries)
          for (const i of Object.values(inputs)) expect(boxes[i]!.bottom).toBeLessThan(boxes[output]!.top);
        boxes.forEach((a, i) => {
          for (const b of boxes.slice(i + 1))
            expect(a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top).toBe(true);
        });
      }),
      { numRuns: runs(50) },
    );
  });
});
