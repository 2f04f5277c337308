/** Work on one thing at a time, in the order of asking; work on different things runs side by side. */
export function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return {
    isTaken: (key: string): boolean => last.has(key),

    async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
      const turn = (last.get(key) ?? Promise.resolve()).then(work, work); // what the one before met is not our concern
      last.set(key, turn);
      try {
        return await turn;
      } finally {
        if (last.get(key) === turn) last.delete(key);
      }
    },
  };
}
