import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { Charts } from './charts.tsx';
import { HealthPanel } from './health-panel.tsx';
import { Projects } from './projects.tsx';
import { Queues } from './queues.tsx';
import { Runners } from './runners.tsx';

/** How everything is that tickets need: hosts, queues, Plane. */
export const Fleet = () => (
  <Page title={text.fleet.title} actions={<ToSetup />} wide>
    <div className="grid gap-8">
      <HealthPanel />
      <Runners />
      <Charts />
      <div className="grid items-start gap-8 xl:grid-cols-2">
        <Queues />
        <Projects />
      </div>
    </div>
  </Page>
);

const ToSetup = () =>
  useMay('operator') ? (
    <Link href="/setup" className="text-sm text-accent underline underline-offset-2">
      {text.fleet.toSetup}
    </Link>
  ) : null;
