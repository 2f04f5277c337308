import { Pool } from 'undici';

export interface Load extends AsyncDisposable {
  /** As many requests as are answered, so many at a time. @returns answers per second */
  flatOut(paths: readonly string[], ms: number): Promise<number>;
  /** So many requests, one after the other. @returns ms of each */
  oneByOne(path: string, count: number): Promise<number[]>;
  /** So many requests per second until the signal says stop. @returns answers per second */
  atRate(paths: readonly string[], perSecond: number, until: AbortSignal): Promise<number>;
}

const CONNECTIONS = 32;
const STEP_MS = 10;
/** As browsers ask. */
const HEADERS = { 'accept-encoding': 'gzip' };

/** Asks a server from this process; an answer that is no success ends the measurement. */
export function createLoad(url: string): Load {
  const pool = new Pool(url, { connections: CONNECTIONS });
  // looks at the status alone: what asking costs is taken from the cores that answer
  const ask = (path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      let status = 0;
      const answer = {
        onRequestStart: () => undefined,
        onResponseStart(_controller: unknown, statusCode: number) {
          status = statusCode;
        },
        onResponseData: () => undefined,
        onResponseEnd() {
          if (status === 200) resolve();
          else reject(new Error(`GET ${path} was answered with ${status}`));
        },
        onResponseError: (_controller: unknown, err: Error) => reject(err),
      };
      pool.dispatch({ path, method: 'GET', headers: HEADERS }, answer);
    });
  const rate = (answers: number, sinceMs: number): number => (answers * 1_000) / (performance.now() - sinceMs);
  return {
    async flatOut(paths, ms) {
      const begun = performance.now();
      let answers = 0;
      const work = async () => {
        for (; performance.now() - begun < ms; answers += 1) await ask(paths[answers % paths.length] ?? '/');
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, work));
      return rate(answers, begun);
    },
    async oneByOne(path, count) {
      const times: number[] = [];
      for (let at = 0; at < count; at += 1) {
        const begun = performance.now();
        await ask(path);
        times.push(performance.now() - begun);
      }
      return times;
    },
    async atRate(paths, perSecond, until) {
      const begun = performance.now();
      const running = new Set<Promise<void>>();
      let asked = 0;
      while (!until.aborted) {
        const due = Math.floor(((performance.now() - begun) * perSecond) / 1_000);
        for (; asked < due && running.size < CONNECTIONS; asked += 1) {
          const one = ask(paths[asked % paths.length] ?? '/').finally(() => running.delete(one));
          running.add(one);
        }
        await new Promise((resolve) => setTimeout(resolve, STEP_MS));
      }
      const answered = rate(asked, begun);
      await Promise.all(running);
      return answered;
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}
