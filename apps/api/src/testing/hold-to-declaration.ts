import { ErrorBody, ROUTES, type Route, refusalsOf } from '@pco/shared/contracts/http';

const DECLARED: readonly Route[] = Object.values(ROUTES);

/** The declaration of what an address leads to; fixed names win over parameters, as in the router. */
export function declarationOf(method: string, path: string): Route | undefined {
  const [bare = ''] = path.split('?', 1);
  const fits = ({ path: declared, method: its }: Route) =>
    its === method && new RegExp(`^${declared.replace(/:[a-zA-Z]+/g, '[^/]+')}/?$`).test(bare);
  return DECLARED.filter(fits).sort((a, b) => Number(a.path.includes(':')) - Number(b.path.includes(':')))[0];
}

/**
 * @throws when a declared operation has answered what it does not declare
 */
export function holdToDeclaration(
  method: string,
  path: string,
  { status, json, text }: { status: number; json: unknown; text: string },
): void {
  const route = declarationOf(method, path);
  if (!route) return;
  const isAnswer = status in route.answers;
  if (!isAnswer && !refusalsOf(route).includes(status))
    throw new Error(`${method} ${path} answered ${status}, which it does not declare: ${text.slice(0, 500)}`);
  const schema = isAnswer ? route.answers[status] : ErrorBody;
  const parsed = schema?.safeParse(isAnswer && route.media ? text : json);
  if (parsed?.error)
    throw new Error(`${method} ${path} answered ${status} with ${text.slice(0, 500)}: ${parsed.error}`);
}
