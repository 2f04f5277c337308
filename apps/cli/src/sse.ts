export interface ServerSentEvent {
  /** The last one that was given, also by an earlier event. */
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Server-sent events out of text that is cut anywhere, as the WHATWG standard reads them. */
export function createSseParser() {
  let rest = '';
  let id = '';
  let event = '';
  let data: string[] = [];
  let endedInReturn = false;

  function take(line: string): ServerSentEvent | undefined {
    if (line === '') {
      const told = data.length > 0 ? { id, event: event || 'message', data: data.join('\n') } : undefined;
      event = '';
      data = [];
      return told;
    }
    const [, name = '', value = ''] = /^([^:]*)(?:: ?)?(.*)$/s.exec(line) ?? [];
    if (name === 'data') data.push(value);
    if (name === 'event') event = value;
    if (name === 'id' && !value.includes('\0')) id = value;
    return undefined;
  }

  return {
    lastEventId: () => id,
    push(chunk: string): ServerSentEvent[] {
      if (chunk === '') return [];
      // a return at the end of one piece and a line feed at the start of the next are one line break
      const text = rest + (endedInReturn && chunk.startsWith('\n') ? chunk.slice(1) : chunk);
      endedInReturn = chunk.endsWith('\r');
      const lines = text.split(/\r\n|\n|\r/);
      rest = lines.pop() ?? '';
      return lines.flatMap((line) => take(line) ?? []);
    },
  };
}
