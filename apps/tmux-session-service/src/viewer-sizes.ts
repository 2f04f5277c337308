export interface ViewerSize {
  readonly cols: number;
  readonly rows: number;
}
export type ViewerSizes = ReturnType<typeof createViewerSizes>;

/**
 * How large the window of a session should be: as large as its largest viewers, so that nobody's view shrinks when
 * somebody with a smaller screen joins. Viewers that never said a size do not count.
 */
export function createViewerSizes() {
  const sessions = new Map<string, Set<{ size: ViewerSize | undefined }>>();
  return {
    join(id: string) {
      const viewers = sessions.get(id) ?? new Set();
      const self: { size: ViewerSize | undefined } = { size: undefined };
      sessions.set(id, viewers.add(self));
      return {
        resize(size: ViewerSize): ViewerSize {
          self.size = { ...size };
          const known = [...viewers].flatMap((viewer) => viewer.size ?? []);
          return { cols: Math.max(...known.map(({ cols }) => cols)), rows: Math.max(...known.map(({ rows }) => rows)) };
        },
        leave(): void {
          viewers.delete(self);
          if (viewers.size === 0) sessions.delete(id);
        },
      };
    },
  };
}
