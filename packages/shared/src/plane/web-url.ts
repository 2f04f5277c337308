/** The cloud answers its API at another name than its pages; other servers have both at one. */
const CLOUD = { api: 'api.plane.so', pages: 'app.plane.so' };

export interface WebPlace {
  readonly api_url: string;
  /** Where people see Plane, if it is not where its API is. */
  readonly web_url?: string | undefined;
  readonly workspace_slug: string;
}

/** @param key as people write it, `ACME-7` */
export function workItemUrl({ api_url, web_url, workspace_slug }: WebPlace, key: string): string {
  return `${web_url ?? webOf(api_url)}/${workspace_slug}/browse/${key}/`;
}

function webOf(apiUrl: string): string {
  const url = new URL(apiUrl);
  if (url.hostname === CLOUD.api) url.hostname = CLOUD.pages;
  return `${url.origin}${url.pathname.replace(/\/api\/v1$/, '')}`;
}
