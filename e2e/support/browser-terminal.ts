import { once } from 'node:events';
import { z } from 'zod';
import { until } from './until.ts';

const Frame = z.looseObject({ type: z.string(), payload: z.string().default('') });
const Issued = z.object({ ticket: z.string() });

/** A terminal in a browser: what it has shown, and a keyboard. */
export interface BrowserTerminal extends AsyncDisposable {
  output(): string;
  /** Key by key, as a person types. */
  type(text: string): void;
}

/** The terminal of a ticket the way a browser opens it: with a terminal ticket, through the api. */
export async function openTerminal(api: string, ticketId: string): Promise<BrowserTerminal> {
  const body = JSON.stringify({ mode: 'control' });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${api}/api/tickets/${ticketId}/terminal-tickets`, { method: 'POST', headers, body });
  const { ticket } = Issued.parse(await answer.json());
  const url = `${api.replace('http', 'ws')}/api/tickets/${ticketId}/terminal?ticket=${ticket}&cols=120&rows=40`;
  const socket = new WebSocket(url);
  let output = '';
  let isReady = false;
  socket.addEventListener('message', ({ data }) => {
    const { type, payload } = Frame.parse(JSON.parse(String(data)));
    isReady ||= type === 'ready';
    output += payload;
  });
  await until(`the terminal of ${ticketId} is open in the browser`, () => isReady && output !== '');
  return {
    output: () => output,
    type(text) {
      for (const key of text) socket.send(JSON.stringify({ type: 'input', payload: key }));
    },
    async [Symbol.asyncDispose]() {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
