export {
  BackToQueue,
  type Consumer,
  createConsumer,
  GiveUp,
  type JobContext,
  Later,
  type QueueTiming,
} from './consumer.ts';
export { createQueues, type JobState, type QueueFacts, type Queues } from './queues.ts';
export { takeBack } from './take-back.ts';
