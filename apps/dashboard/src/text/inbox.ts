/** Words of the inbox. */
export const inbox = {
  title: 'Inbox',
  nothing: 'Nothing waits for you',
  nothingMore: 'New tickets, questions and summaries appear here by themselves.',
  kinds: {
    asks: 'Needs your answer',
    approve: 'Awaits approval',
    update: 'Summary to approve',
    failed: 'Failed',
  },
  attempt: (attempt: number) => `attempt ${attempt}`,
  commits: (count: number) => `${count} ${count === 1 ? 'commit' : 'commits'}`,
  unpushed: (count: number) => `${count} not pushed`,
  uncommitted: (count: number) => `${count} not committed`,
  keys: 'Keys: j and k move, a approves, answers or retries, r skips',
} as const;
