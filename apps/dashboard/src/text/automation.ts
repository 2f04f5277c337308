/** Words of the view of the flow of Plane. */
export const automation = {
  title: '⚡ Plane Automation',
  hint: 'The service is offline',
  hintMore: (origin: string) =>
    `Nothing answers at ${origin}. Is the api running (npm start; its port is api.port, 5002)? This page goes on by itself when it is back.`,
  nothing: 'No ticket is pending, active or completed',
  nothingMore: 'What is changed in Plane appears here by itself.',
  counts: { pending: (count: number) => `${count} pending`, completed: (count: number) => `${count} completed` },
  sections: { pending: 'Pending', active: 'Active', completed: 'Completed: ready to update Plane' },
  more: (count: number) => `and ${count} more, which come up as these are decided`,
  openTerminal: 'Open terminal',
  isCompleted: 'completed',
} as const;
