import type { Config, ProjectConfig } from '../config/index.ts';

const DEFAULT = 'default';

/** Labels in any order are the same pool. */
const poolOfLabels = (labels: readonly string[]): string => [...new Set(labels)].sort().join('-');

/** Where the tickets of a project wait for a runner. */
export const poolOf = (project: ProjectConfig | undefined): string =>
  project?.pool ?? (project?.runner_labels ? poolOfLabels(project.runner_labels) : DEFAULT);

/** Every pool in which a ticket may wait. */
export const poolsOfProjects = ({ projects }: Config): readonly string[] => [
  ...new Set([DEFAULT, ...Object.values(projects).map(poolOf)]),
];

/** The pools whose tickets this runner takes: those it names, else all that its labels let it serve. */
export function poolsOf({ runner, projects }: Config): readonly string[] {
  if (runner.pools) return [...new Set(runner.pools)];
  const served = Object.values(projects).flatMap(({ pool, runner_labels }) =>
    !pool && runner_labels?.every((label) => runner.labels.includes(label)) ? [poolOfLabels(runner_labels)] : [],
  );
  return [...new Set([DEFAULT, ...served])];
}
