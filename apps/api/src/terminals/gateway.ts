import { SOCKET_CLOSE as CLOSE } from '@pco/shared/contracts/http';
import { messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { Gauge, type Registry } from '@pco/shared/metrics';
import { closeReason, keepAlive } from '@pco/shared/service';
import { SECOND_MS } from '@pco/shared/time';
import { WebSocket } from 'ws';
import { relay } from './relay.ts';

const PING_PERIOD_MS = 30 * SECOND_MS;
const CONNECT_TIMEOUT_MS = 8 * SECOND_MS;
/** The picture of a very large screen; the terminal service is ours and sends nothing larger. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

const NO_STATUS = 1005; // RFC 6455: closed without a code
const ABNORMAL = 1006; // RFC 6455: not closed at all, the connection was lost

export interface GatewayTarget {
  /** Of the runner's terminal service, with its query. */
  readonly url: string;
  /** Known here and there, and never to the browser. */
  readonly token: string | undefined;
  readonly runner: string;
}
export type Gateway = ReturnType<typeof createGateway>;

/** Joins a browser with the terminal service of a runner, one WebSocket each, and keeps nothing of what passes. */
export function createGateway(registry: Registry, log: Logger) {
  const browsers = new Set<WebSocket>();
  const registers = [registry];
  new Gauge({
    name: 'api_terminals',
    help: 'Terminals that are open in browsers through this process',
    registers,
    collect() {
      this.set(browsers.size);
    },
  });
  new Gauge({
    name: 'api_terminal_buffered_bytes',
    help: 'Terminal output that waits for slow browsers',
    registers,
    collect() {
      this.set([...browsers].reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0));
    },
  });

  return {
    /** Takes over a browser's socket, which must be paused: what it says waits in the network until the runner answers. */
    join(browser: WebSocket, target: GatewayTarget): void {
      browsers.add(browser);
      const runner = connect(target);
      const stopPings = [keepAlive(browser, PING_PERIOD_MS)];
      relay(browser, runner);
      relay(runner, browser);
      runner.on('open', () => {
        stopPings.push(keepAlive(runner, PING_PERIOD_MS));
        browser.resume();
      });
      runner.on('error', (err) => log.warn({ err: messageOf(err), runner: target.runner }, 'terminal service failed'));
      runner.on('close', (code, reason) => {
        if (code === ABNORMAL) return endSocket(browser, CLOSE.unreachable, `${target.runner} cannot be reached`);
        browser.resume(); // its own goodbye has to be read
        browser.close(code === NO_STATUS ? CLOSE.normal : code, reason);
      });
      browser.on('close', () => {
        browsers.delete(browser);
        for (const stop of stopPings) stop();
        runner.terminate();
      });
    },
  };
}

function connect({ url, token }: GatewayTarget): WebSocket {
  return new WebSocket(url.replace(/^http/, 'ws'), {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    skipUTF8Validation: true, // the browser validates what it gets
  });
}

/** The last word to a browser: why, in a frame that it can show, and in the close frame itself. */
export function endSocket(browser: WebSocket, code: number, message: string): void {
  browser.resume();
  browser.send(JSON.stringify({ type: 'error', message }));
  browser.close(code, closeReason(message));
}
