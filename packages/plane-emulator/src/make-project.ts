import type { Group, Label, Project, State } from './rows.ts';
import { labelsOf, statesOf, type World } from './world.ts';

/** The states of a new project, as Plane makes them. Triage is never listed. */
const SEEDED: readonly (readonly [name: string, group: Group, color: string, sequence: number])[] = [
  ['Backlog', 'backlog', '#60646C', 15_000],
  ['Todo', 'unstarted', '#60646C', 25_000],
  ['In Progress', 'started', '#F59E0B', 35_000],
  ['Done', 'completed', '#46A758', 45_000],
  ['Cancelled', 'cancelled', '#9AA4BC', 55_000],
  ['Triage', 'triage', '#4E5355', 65_000],
];

export interface NewProject {
  readonly identifier: string;
  readonly name: string;
  readonly id?: string | undefined;
  readonly isPublic?: boolean | undefined;
  readonly members: Record<string, number>;
}

export function makeProject(world: World, given: NewProject, createdBy: string): Project {
  const us = world.clock.now();
  const project: Project = {
    id: given.id ?? crypto.randomUUID(),
    identifier: given.identifier.toUpperCase(),
    name: given.name,
    description: '',
    archivedUs: null,
    isPublic: given.isPublic ?? false,
    lastSequence: 0,
    members: { ...given.members },
    createdUs: us,
    updatedUs: us,
    createdBy,
    updatedBy: null,
  };
  world.projects.set(project.id, project);
  for (const [name, group, color, sequence] of SEEDED) {
    makeState(world, project.id, { name, group, color, sequence, isDefault: name === 'Backlog' }, createdBy);
  }
  world.onChange();
  return project;
}

export type NewState = Pick<State, 'name' | 'group' | 'color'> &
  Partial<Pick<State, 'sequence' | 'isDefault' | 'slug' | 'description' | 'externalSource' | 'externalId'>>;

export function makeState(world: World, projectId: string, given: NewState, createdBy: string): State {
  const us = world.clock.now();
  const last = statesOf(world, projectId).at(-1);
  const state: State = {
    description: '',
    slug: '',
    isDefault: false,
    externalSource: null,
    externalId: null,
    sequence: (last?.sequence ?? 0) + 15_000,
    ...given,
    id: crypto.randomUUID(),
    projectId,
    createdUs: us,
    updatedUs: us,
    createdBy,
    updatedBy: null,
    deletedUs: null,
  };
  world.states.set(state.id, state);
  world.onChange();
  return state;
}

export type NewLabel = Pick<Label, 'name'> &
  Partial<Pick<Label, 'color' | 'description' | 'externalSource' | 'externalId'>>;

export function makeLabel(world: World, projectId: string, given: NewLabel, createdBy: string): Label {
  const us = world.clock.now();
  const label: Label = {
    color: '',
    description: '',
    externalSource: null,
    externalId: null,
    ...given,
    id: crypto.randomUUID(),
    projectId,
    sortOrder: 65_535 + labelsOf(world, projectId).length * 10_000,
    createdUs: us,
    updatedUs: us,
    createdBy,
    updatedBy: null,
    deletedUs: null,
  };
  world.labels.set(label.id, label);
  world.onChange();
  return label;
}
