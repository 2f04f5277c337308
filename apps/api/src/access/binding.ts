import type { Config } from '@pco/shared/config';
import { AppError } from '@pco/shared/errors';
import { isLoopback } from '@pco/shared/service';

/** Whether callers have to prove who they are. The configuration alone decides: a token that ends opens nothing. */
export const isGuarded = ({ api }: Config): boolean => api.token !== undefined || Object.keys(api.tokens).length > 0;

/**
 * @throws AppError CONFIG_INVALID when an address beyond this host is asked for without a token: whoever reaches the
 * api can start agents
 */
export function checkBinding(config: Config): void {
  const { host } = config.api;
  if (isLoopback(host) || isGuarded(config)) return;
  const why = `api.host is ${host} but api.token is not set; without a token the api listens on loopback only, because whoever reaches it can start agents. Set PCO_API_TOKEN (or api.token, api.tokens, api.tokens_file), or take api.host back to 127.0.0.1`;
  throw new AppError('CONFIG_INVALID', { why });
}
