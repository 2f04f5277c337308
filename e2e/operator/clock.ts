/** What a new operator may need beyond the building of images. */
const LIMIT_S = 300;

export interface Clock {
  /** Does something that counts, and tells how long it took. */
  step<Result>(what: string, work: () => Promise<Result>): Promise<Result>;
  /** Does something that does not count. */
  aside<Result>(what: string, work: () => Promise<Result>): Promise<Result>;
  /** @throws when it took longer than an operator may need */
  end(): void;
}

export function startClock(way: string): Clock {
  let counted = 0;
  const timed = async <Result>(what: string, work: () => Promise<Result>): Promise<[Result, number]> => {
    const from = performance.now();
    const result = await work();
    const seconds = (performance.now() - from) / 1_000;
    console.log(`test:operator ${way}: ${what}: ${seconds.toFixed(1)} s`);
    return [result, seconds];
  };
  return {
    async step(what, work) {
      const [result, seconds] = await timed(what, work);
      counted += seconds;
      return result;
    },
    aside: async (what, work) => (await timed(`${what} (not counted)`, work))[0],
    end() {
      console.log(`test:operator ${way}: from nothing to an approved ticket: ${counted.toFixed(1)} s of ${LIMIT_S}`);
      if (counted > LIMIT_S) throw new Error(`${way}: a new operator needs longer than ${LIMIT_S} s`);
    },
  };
}
