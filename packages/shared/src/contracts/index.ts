export { defineQueue, familyOf, type QueueContract } from './define-queue.ts';
export * from './queues.ts';
