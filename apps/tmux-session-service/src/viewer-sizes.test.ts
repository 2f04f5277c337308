import { expect, test } from 'vitest';
import { createViewerSizes } from './viewer-sizes.ts';

test('a smaller viewer shrinks the window only when it is alone', () => {
  const sizes = createViewerSizes();
  const large = sizes.join('s');
  const small = sizes.join('s');
  expect(large.resize({ cols: 200, rows: 40 })).toEqual({ cols: 200, rows: 40 });
  expect(small.resize({ cols: 80, rows: 60 })).toEqual({ cols: 200, rows: 60 });
  large.leave();
  expect(small.resize({ cols: 80, rows: 24 })).toEqual({ cols: 80, rows: 24 });
  expect(sizes.join('other').resize({ cols: 10, rows: 5 })).toEqual({ cols: 10, rows: 5 });
});
