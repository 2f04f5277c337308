import { expect, test } from 'vitest';
import { type ControlState, createWindowControl } from './window-control.ts';

const SIZE = { cols: 80, rows: 24 };

test('the first viewer with a size gets control, another one takes it, and all are told', () => {
  const control = createWindowControl();
  const heard: Record<string, ControlState> = {};
  const join = (name: string) =>
    control.join('s', SIZE, (state) => {
      heard[name] = state;
    });
  const a = join('a');
  const b = join('b');
  expect(heard).toEqual({ a: { holder: 'nobody', ...SIZE }, b: { holder: 'nobody', ...SIZE } });
  expect(a.resize({ cols: 100, rows: 30 })).toBe(true);
  expect(heard).toMatchObject({ a: { holder: 'you', cols: 100 }, b: { holder: 'other', cols: 100, rows: 30 } });
  expect(b.resize({ cols: 10, rows: 5 })).toBe(false);
  b.take();
  expect(heard).toMatchObject({ a: { holder: 'other', cols: 100 }, b: { holder: 'you' } });
  expect(b.resize({ cols: 10, rows: 5 })).toBe(true);
  expect(b.resize({ cols: 10, rows: 5 })).toBe(false);
  a.release(); // has nothing to release
  expect(heard.b).toMatchObject({ holder: 'you' });
  b.leave();
  expect(heard.a).toEqual({ holder: 'nobody', cols: 10, rows: 5 });
});

test('windows have nothing to do with each other, and a new viewer hears the size of now', () => {
  const control = createWindowControl();
  control.join('s', SIZE, () => {}).resize({ cols: 100, rows: 30 });
  let heard: ControlState | undefined;
  control.join('s', SIZE, (state) => {
    heard = state;
  });
  expect(heard).toEqual({ holder: 'other', cols: 100, rows: 30 });
  control.join('t', SIZE, (state) => {
    heard = state;
  });
  expect(heard).toEqual({ holder: 'nobody', ...SIZE });
});
