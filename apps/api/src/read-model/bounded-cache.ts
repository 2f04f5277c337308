/** Keeps what was used last, up to a total size. */
export function createBoundedCache<Value>(maxSize: number, sizeOf: (value: Value) => number) {
  const values = new Map<string, Value>();
  let size = 0;
  const drop = (id: string): void => {
    const value = values.get(id);
    if (value === undefined) return;
    size -= sizeOf(value);
    values.delete(id);
  };
  return {
    get(id: string): Value | undefined {
      const value = values.get(id);
      if (value === undefined) return undefined;
      values.delete(id); // to the end: what was not used for longest goes first
      values.set(id, value);
      return value;
    },
    put(id: string, value: Value): void {
      drop(id);
      values.set(id, value);
      size += sizeOf(value);
      for (const oldest of values.keys()) {
        if (size <= maxSize) return;
        drop(oldest);
      }
    },
    clear(): void {
      values.clear();
      size = 0;
    },
    size: () => size,
  };
}
