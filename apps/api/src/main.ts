import { runService } from '@pco/shared/service';
import { boundHeap } from './bound-heap.ts';
import { startApi } from './service.ts';

boundHeap();
await runService('api', process, startApi);
