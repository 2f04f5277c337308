/** Words of the page of the first start. */
export const setup = {
  title: 'Setup',
  levels: {
    ok: 'Everything is there.',
    warn: 'It works. Some things are worth a look.',
    bad: 'Something is missing, and keeps it from working.',
  },
  marks: { ok: 'Fine', warn: 'Worth a look', bad: 'Missing' },
  again: 'Check again',
  busy: 'Checking…',
  looking: 'Asking Plane, Redis and every runner…',
  checked: 'Checked',
  mend: 'To mend it:',
  groups: { plane: 'Plane', redis: 'Redis', runner: 'Runner', webhooks: 'Webhooks' },
  next: {
    title: 'Ready for the first ticket',
    steps: [
      'Plan a work item in Plane: in a state such as Todo, in a project that is watched.',
      'It appears in the inbox within a minute. Approve it there.',
      'An agent starts in a worktree of its own. Watch it, or come back when it reports.',
    ],
    link: 'To the inbox',
  },
  forbidden: { title: 'Only operators may look here', more: 'The checks name addresses and folders of your hosts.' },
} as const;
