import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSigned, readDelivery } from './webhook-delivery.ts';

const sign = (secret: string, body: Uint8Array): string => createHmac('sha256', secret).update(body).digest('hex');
const secret = fc.string({ minLength: 16, maxLength: 60, unit: 'binary' });
const body = fc.uint8Array({ minLength: 1, maxLength: 400 });

/** One bit of one byte turned over. */
function flip(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const index = at % bytes.length;
  flipped[index] = (bytes[index] ?? 0) ^ (1 << bit);
  return flipped;
}

test('what Plane signs as it does is recognised', () => {
  // its own serialisation: spaces after separators, non-ASCII escaped
  const bytes = Buffer.from('{"event": "issue", "data": {"name": "Gr\\u00fc\\u00dfe"}}');
  const hex = '44079ce34d6365ade23fd304c38413e4c05485af2fe363d26929b4561feab449';
  expect(isSigned(bytes, hex, ['plane_wh_0123456789abcdef'])).toBe(true);
  expect(isSigned(Buffer.from(JSON.stringify(JSON.parse(bytes.toString()))), hex, ['plane_wh_0123456789abcdef'])).toBe(
    false,
  );
});

test('any of several secrets works, wherever it stands, and none that is not among them', () => {
  fc.assert(
    fc.property(body, fc.uniqueArray(secret, { minLength: 2, maxLength: 5 }), fc.nat(), (bytes, secrets, pick) => {
      const used = secrets[pick % secrets.length] ?? '';
      expect(isSigned(bytes, sign(used, bytes), secrets)).toBe(true);
      const others = secrets.filter((one) => one !== used);
      expect(isSigned(bytes, sign(used, bytes), others)).toBe(false);
    }),
  );
});

test('one flipped bit of the body, or of the signature, and it is refused', () => {
  fc.assert(
    fc.property(body, secret, fc.nat(), fc.integer({ min: 0, max: 7 }), (bytes, key, at, bit) => {
      const signature = sign(key, bytes);
      expect(isSigned(flip(bytes, at, bit), signature, [key])).toBe(false);
      const forged = Buffer.from(flip(Buffer.from(signature), at, bit)).toString('latin1');
      expect(isSigned(bytes, forged, [key])).toBe(false);
    }),
  );
});

test('anything that is no signature is refused and throws nothing', () => {
  const bytes = Buffer.from('{}');
  const key = 'plane_wh_0123456789abcdef';
  const right = sign(key, bytes);
  const wrong = [undefined, '', 'x', right.slice(1), `${right}0`, `sha256=${right}`, right.toUpperCase(), `${right}\n`];
  for (const signature of [...wrong, [right], 42, null]) expect(isSigned(bytes, signature, [key])).toBe(false);
  expect(isSigned(bytes, right, [])).toBe(false);
  fc.assert(fc.property(fc.anything(), (signature) => !isSigned(bytes, signature, [key])));
});

const delivery = (over: object): Buffer =>
  Buffer.from(
    JSON.stringify({ event: 'issue', action: 'updated', data: { id: 'item-1', project: 'project-1' }, ...over }),
  );

test('of a delivery only that is read which says where to look', () => {
  expect(readDelivery(delivery({ activity: { field: 'state', actor: { id: 'user-1' } } }))).toEqual({
    event: 'issue',
    action: 'updated',
    workItem: 'item-1',
    projectId: 'project-1',
    actor: 'user-1',
  });
  const comment = { event: 'issue_comment', data: { id: 'comment-1', issue: 'item-2', project: 'project-1' } };
  expect(readDelivery(delivery(comment))).toMatchObject({ workItem: 'item-2', actor: null });
  expect(readDelivery(delivery({ action: 'deleted', data: { id: 'item-3' } }))).toMatchObject({
    workItem: 'item-3',
    projectId: null,
  });
  expect(readDelivery(delivery({ event: 'cycle' }))).toMatchObject({ workItem: null });
});

test('what is no delivery is told apart from one, whatever it is', () => {
  for (const text of [
    '',
    '{',
    '[]',
    'null',
    '{"event":"issue"}',
    '{"event":"issue","action":"x","data":{"id":"../x"}}',
  ])
    expect(readDelivery(Buffer.from(text)), text).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array(), (bytes) => readDelivery(bytes) === undefined));
  fc.assert(fc.property(fc.json(), (text) => void readDelivery(Buffer.from(text))));
});
