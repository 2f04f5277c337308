import { isCode } from '@pco/shared/errors';
import type { Page, WorkItemRow } from '@pco/shared/plane';
import type { Poll } from './poll.ts';

/** What every Plane accepts. Our first look takes one page of it. */
export const SMALL_PAGE = 100;
/** The most of the Community Edition, at once. */
export const LARGE_PAGE = 1_000;

interface PageOptions {
  readonly perPage: number;
  readonly page: string | null;
  readonly fields: readonly string[];
}

/** One page of the project's work items, last changed first. */
export const listPage = ({ plane, projectId, rules, signal }: Poll, options: PageOptions): Promise<Page<WorkItemRow>> =>
  plane.listWorkItems(projectId, {
    perPage: options.perPage,
    cursor: options.page,
    fields: options.fields,
    expand: rules.expand.filter((key) => options.fields.includes(key)),
    signal,
  });

/** The first page, as large as this Plane gives them: the cloud has fewer rows on a page, and says so when asked. */
export async function firstLargePage(
  poll: Poll,
  fields: readonly string[],
): Promise<{ perPage: number; page: Page<WorkItemRow> }> {
  const { largestPage } = poll;
  const ask = async (perPage: number) => ({ perPage, page: await listPage(poll, { perPage, page: null, fields }) });
  try {
    return await ask(largestPage.rows);
  } catch (err) {
    const isTooLarge = isCode(err, 'PLANE_REFUSED') && err.details.status === 400 && largestPage.rows > SMALL_PAGE;
    if (!isTooLarge) throw err;
    largestPage.rows = SMALL_PAGE;
    return ask(SMALL_PAGE);
  }
}
