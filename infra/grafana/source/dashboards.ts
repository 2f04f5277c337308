import { cost } from './cost.ts';
import { overview } from './overview.ts';
import type { DashboardSpec } from './panel.ts';
import { plane } from './plane.ts';
import { queues } from './queues.ts';
import { sessions } from './sessions.ts';

export const DASHBOARDS: readonly DashboardSpec[] = [overview, queues, sessions, plane, cost];
