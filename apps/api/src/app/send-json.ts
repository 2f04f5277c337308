import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';
import type { FastifyReply } from 'fastify';

const compress = promisify(gzip);
const JSON_TYPE = 'application/json; charset=utf-8';
/** So little goes in one packet anyway. */
const SMALL_BYTES = 1_400;
/** Kept as long as the bytes they were made of: what many ask for is compressed once. */
const compressed = new WeakMap<Buffer, Promise<Buffer>>();

/** Sends kept JSON, a tenth of its size to whoever takes gzip: every browser does, and a list over a phone's link is long. */
export async function sendJson(reply: FastifyReply, answer: Buffer): Promise<FastifyReply> {
  void reply.type(JSON_TYPE);
  if (answer.length <= SMALL_BYTES) return reply.send(answer);
  const others = reply.getHeader('vary'); // of origins
  void reply.header('vary', others === undefined ? 'accept-encoding' : `${String(others)}, accept-encoding`);
  const encoding = negotiate(reply.request.headers['accept-encoding'] ?? '', ['gzip']);
  if (encoding === null) return reply.send(answer);
  const packed = await small(answer);
  return reply.header('content-encoding', encoding).send(packed);
}

function small(answer: Buffer): Promise<Buffer> {
  const known = compressed.get(answer);
  if (known !== undefined) return known;
  const made = compress(answer, { level: constants.Z_BEST_SPEED });
  compressed.set(answer, made);
  return made;
}
