/** 400 here, where the catalogue's PAYLOAD_INVALID says 422: this service keeps its own HTTP contract (B-142). */
export const badRequest = (message: string): Error =>
  Object.assign(new Error(message), { statusCode: 400, code: 'PAYLOAD_INVALID' });
