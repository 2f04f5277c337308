const CAPACITY_BYTES = 256 * 1024;

/** The latest bytes of a stream that is numbered from its beginning. */
export function createOutputRing() {
  let chunks: Buffer[] = [];
  let start = 0;
  let end = 0;
  return {
    get end(): number {
      return end;
    },
    /** Forgets all; the next byte has this number. */
    restart(at: number): void {
      chunks = [];
      start = at;
      end = at;
    },
    push(bytes: Buffer): void {
      chunks.push(bytes);
      end += bytes.length;
      while (end - start > CAPACITY_BYTES) {
        const oldest = chunks.shift();
        if (oldest === undefined) return;
        start += oldest.length;
      }
    },
    /** What is held from this number on, at least one byte unless it is the end; undefined when it is not held. */
    read(from: number): Buffer | undefined {
      if (from < start || from > end) return undefined;
      let at = end;
      for (let index = chunks.length - 1; index >= 0; index--) {
        const chunk = chunks[index] ?? Buffer.alloc(0);
        at -= chunk.length;
        if (at <= from) return chunk.subarray(from - at);
      }
      return Buffer.alloc(0);
    },
  };
}
