import { request } from 'undici';

export interface Heard {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: unknown;
}

export interface Listener extends Disposable {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Everything so far, heartbeats left out. */
  readonly heard: readonly Heard[];
  /** Ids of `ticket` events so far. */
  ids(): string[];
  /** As a browser would give it when it comes back. */
  lastEventId(): string | undefined;
  text(): string;
  stopReading(): void;
  readOn(): void;
}

/** One connection to `GET /api/events`, without coming back by itself. */
export async function listen(
  url: string,
  { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
): Promise<Listener> {
  const answer = await request(`${url}/api/events${query}`, { headers });
  const heard: Heard[] = [];
  let lastEventId: string | undefined;
  let rest = '';
  let text = '';
  answer.body.setEncoding('utf8');
  answer.body.on('data', (chunk: string) => {
    text += chunk;
    rest += chunk;
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
      );
      lastEventId = fields.get('id') ?? lastEventId;
      const data = fields.get('data');
      if (data !== undefined)
        heard.push({ id: fields.get('id'), event: fields.get('event') ?? 'message', data: JSON.parse(data) });
    }
  });
  answer.body.on('error', () => undefined); // the api was ended by its test
  return {
    status: answer.statusCode,
    headers: answer.headers,
    heard,
    ids: () => heard.flatMap(({ event, id }) => (event === 'ticket' && id ? [id] : [])),
    lastEventId: () => lastEventId,
    text: () => text,
    stopReading: () => void answer.body.pause(),
    readOn: () => void answer.body.resume(),
    [Symbol.dispose]: () => void answer.body.destroy(),
  };
}
