import { isLoopback } from '@pco/shared/service';
import { Refusal } from '../refusal.ts';

export interface PlaneAddress {
  /** Ends in /api/v1. */
  readonly apiUrl: string;
  /** The workspace, when the address was copied from a browser that showed it. */
  readonly workspace: string | undefined;
}

/** The cloud answers its API at another name than its pages. */
const CLOUD = { page: 'app.plane.so', api: 'api.plane.so' };

const schemeFor = (text: string): string =>
  isLoopback(URL.parse(`http://${text}`)?.hostname ?? '') ? 'http' : 'https';

/** Takes what people have at hand: the API's address, the server's, or that of a page, with or without https://. */
export function readPlaneUrl(text: string): PlaneAddress {
  const trimmed = text.trim();
  const url = URL.parse(/^[a-z]+:\/\//i.test(trimmed) ? trimmed : `${schemeFor(trimmed)}://${trimmed}`);
  if (!url || !/^https?:$/.test(url.protocol) || trimmed === '')
    throw new Refusal(`"${trimmed}" is not the address of a web server`);
  if (url.hostname === CLOUD.page) url.hostname = CLOUD.api;
  const api = /^(.*?)\/api\/v1(\/|$)/.exec(url.pathname);
  if (api) return { apiUrl: `${url.origin}${api[1]}/api/v1`, workspace: undefined };
  const [first] = url.pathname.split('/').filter((part) => part !== '' && part !== 'api');
  return { apiUrl: `${url.origin}/api/v1`, workspace: first };
}
