import type { RunnerView } from '@pco/shared/contracts/http';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../call.ts';
import { Badge, type Tone } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Banner, Failure } from '../parts/failure.tsx';
import { Meter } from '../parts/meter.tsx';
import { PANEL, Section } from '../parts/section.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { When } from '../parts/when.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { size } from './size.ts';
import { useRunners } from './use-fleet.ts';

const TONES: Readonly<Record<RunnerView['state'], Tone>> = {
  ready: 'good',
  full: 'accent',
  no_room: 'warn',
  lost: 'bad',
};

/** Every host that runs sessions; those that need somebody first. */
export function Runners() {
  const { data, error, refetch } = useRunners();
  const words = text.fleet.runners;
  if (!data) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />;
  const isTrouble = ({ state }: RunnerView) => (state === 'lost' || state === 'no_room' ? 0 : 1);
  const runners = data.toSorted((a, b) => isTrouble(a) - isTrouble(b));
  return (
    <Section title={words.title}>
      {runners.length === 0 ? (
        <div className={PANEL}>
          <Empty title={words.none}>
            <p className="max-w-prose">{words.noneMore}</p>
          </Empty>
        </div>
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-4">
          {runners.map((runner) => (
            <Runner key={runner.id} runner={runner} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Runner({ runner }: { readonly runner: RunnerView }) {
  const { id, host, state, takes_nothing_because: why, last_heartbeat_at: heartbeat } = runner;
  const words = text.fleet.runners;
  return (
    <li className={`${PANEL} grid content-start gap-3 ${state === 'lost' ? 'border-bad/50' : ''}`}>
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <h3 className="truncate font-medium">{id}</h3>
          {host && host !== id ? <p className="truncate text-xs text-quiet">{host}</p> : null}
        </div>
        <Badge tone={TONES[state]}>{words.states[state]}</Badge>
      </div>
      {state === 'lost' ? <Lost runner={runner} /> : <Room runner={runner} />}
      {why && state === 'no_room' ? <p className="text-sm text-warn">{why}</p> : null}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs [&_dt]:text-quiet">
        <dt>{words.heartbeat}</dt>
        <dd className="text-right">
          <When at={heartbeat} />
        </dd>
        {state === 'lost' ? null : <About runner={runner} />}
      </dl>
    </li>
  );
}

function Room({ runner }: { readonly runner: RunnerView }) {
  const { used, capacity, memory, cpu, disks } = runner;
  const words = text.fleet.runners;
  const free = ({ total_mb, free_mb }: { total_mb: number; free_mb: number }) => ({
    value: total_mb - free_mb,
    max: total_mb,
    said: words.freeOf(size(free_mb), size(total_mb)),
  });
  return (
    <div className="grid gap-2.5">
      {capacity === null ? null : (
        <Meter label={words.slots} value={used} max={capacity} said={words.slotsOf(used, capacity)} isFine />
      )}
      {memory ? <Meter label={words.memory} {...free(memory)} /> : null}
      {cpu ? (
        <Meter
          label={words.processor}
          value={cpu.used_percent}
          max={100}
          said={words.processorOf(cpu.used_percent, cpu.cores)}
        />
      ) : null}
      {disks.map((disk) => (
        <Meter key={disk.of} label={words.disk(disk.of)} {...free(disk)} />
      ))}
    </div>
  );
}

function About({ runner: { pools, labels, versions } }: { readonly runner: RunnerView }) {
  const words = text.fleet.runners;
  return (
    <>
      <dt>{words.takes}</dt>
      <dd className="text-right wrap-anywhere">{[...new Set([...pools, ...labels])].join(', ') || text.fleet.none}</dd>
      <dt>{words.versions}</dt>
      <dd className="text-right wrap-anywhere">
        {Object.entries(versions)
          .map(([what, version]) => (what === 'system' ? version : `${what} ${version}`))
          .join(' · ')}
      </dd>
    </>
  );
}

/** What to do about a host that says nothing any more. */
function Lost({ runner: { id, used } }: { readonly runner: RunnerView }) {
  const words = text.fleet.runners;
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const giveUp = useMutation({
    mutationFn: () => call('giveUpRunner', { params: { runner: id } }),
    onSettled: () => {
      setAsking(false);
      void queries.invalidateQueries({ queryKey: ['runners'] });
    },
  });
  return (
    <>
      <p className="text-sm">{words.lost(used)}</p>
      {giveUp.error ? <Banner error={giveUp.error} onDismiss={() => giveUp.reset()} /> : null}
      {useMay('operator') ? (
        <Button className="justify-self-start" disabled={giveUp.isPending} onClick={() => setAsking(true)}>
          {words.giveUp}
        </Button>
      ) : null}
      <Dialog title={words.giveUpTitle(id)} isOpen={isAsking} onClose={() => setAsking(false)}>
        <p className="text-sm">{words.giveUpMore}</p>
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={() => setAsking(false)}>
            {text.cancel}
          </Button>
          <Button look="danger" disabled={giveUp.isPending} onClick={() => giveUp.mutate()}>
            {words.giveUpDo}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
