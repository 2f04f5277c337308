export * from './feed.ts';
export * from './ticket-list.ts';
