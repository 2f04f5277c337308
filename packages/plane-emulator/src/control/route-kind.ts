const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * What a request is about, without who and which: `GET projects/:id/work-items/`. Both spellings of work items are one
 * kind, and addresses that are none of the API's are `other`, so that there are only so many.
 */
export function routeKind(method: string, url: string): string {
  const [path = ''] = url.split('?');
  const [, rest] = /^\/api\/v1\/(?:workspaces\/[^/]+\/)?(.*)$/.exec(path) ?? [];
  if (rest === undefined) return 'other';
  const general = rest
    .replaceAll(UUID, ':id')
    .replace(/^((?:projects\/:id\/)?)issues\//, '$1work-items/')
    .replace(/^work-items\/[^/]+-[^/]+\/$/, 'work-items/:key/');
  return KINDS.test(general) ? `${method} ${general}` : 'other';
}

const KINDS =
  /^(users\/me|projects(\/:id(\/(members|project-members|states|labels)(\/:id)?)?)?|work-items\/(:key|search)|projects\/:id\/work-items(\/:id(\/(comments|links|activities)(\/:id)?)?)?)\/$/;
