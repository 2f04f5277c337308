import { getHeapStatistics } from 'node:v8';
import { boundHeap } from '../bound-heap.ts';

// Keeps as many rows as an api with many tickets, replaces each of them again and again, and prints how large the heap was
// at most, for each byte in it that lives.

boundHeap();
const COUNT = 10_000;
const ROUNDS = 6;
const rows: string[] = new Array(COUNT).fill('');
let most = 0;
for (let n = 0; n < COUNT * ROUNDS; n += 1) {
  rows[n % COUNT] = JSON.stringify({ n, text: 'x'.repeat(4_000) });
  if (n % 1_000 === 0 && n > COUNT) most = Math.max(most, getHeapStatistics().used_heap_size);
}
process.stdout.write(String(most / rows.join('').length));
