import { deleteLabel } from '../actions.ts';
import { choiceOf, nullableTextOf, requiredText, textOf } from '../body.ts';
import { paginate, project } from '../listing.ts';
import { makeLabel, makeState } from '../make-project.ts';
import { badTogether, conflict, notFound, Refusal } from '../refusal.ts';
import { renderLabel, renderState } from '../render.ts';
import { created, gone, ok, type ProjectCall, projectRoute, type Route } from '../route.ts';
import { GROUPS, type Label, type State } from '../rows.ts';
import { labelsOf, statesOf } from '../world.ts';

export const STATE_AND_LABEL_ROUTES: readonly Route[] = [
  projectRoute('/states/', { GET: listStates, POST: createState }),
  projectRoute('/states/:state/', { GET: showState, PATCH: patchState, DELETE: removeState }),
  projectRoute('/labels/', { GET: listLabels, POST: createLabel }),
  projectRoute('/labels/:label/', { GET: showLabel, PATCH: patchLabel, DELETE: removeLabel }),
];

const STATE_NAME_TAKEN = 'State with the same name already exists in the project';
const STATE_PAIR_TAKEN = 'State with the same external id and external source already exists';
const LABEL_NAME_TAKEN = 'Label with the same name already exists in the project';
const LABEL_PAIR_TAKEN = 'Label with the same external id and external source already exists';

/** Ordered by sequence; triage is never listed. */
function listStates(call: ProjectCall) {
  const { world, query, project: owner } = call;
  const states = owner.archivedUs === null ? statesOf(world, owner.id).filter((s) => s.group !== 'triage') : [];
  return ok(paginate(world, states, query, (state) => renderState(world, state)));
}

/** Plane answers 200 here, not 201, and picks the sequence itself. */
function createState(call: ProjectCall) {
  const { world, body, project: owner } = call;
  const name = requiredText(body, 'name', { max: 255 });
  const color = requiredText(body, 'color', { max: 255 });
  const group = choiceOf(body, 'group', GROUPS) ?? 'backlog';
  const external = readExternal(call);
  if (group === 'triage') throw badTogether('Cannot create triage state');
  const states = statesOf(world, owner.id);
  refuseTaken(states.find(samePair(external)), STATE_PAIR_TAKEN);
  refuseTaken(
    states.find((s) => s.name === name),
    STATE_NAME_TAKEN,
  );
  const description = textOf(body, 'description', { blank: true }) ?? '';
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const state = makeState(world, owner.id, { name, color, group, slug, description, ...external }, call.user.id);
  return ok(renderState(world, state));
}

function showState(call: ProjectCall) {
  return ok(project(call.world, renderState(call.world, findState(call)), call.query));
}

/** Renaming or regrouping a state bumps no item. */
function patchState(call: ProjectCall) {
  const { world, body, project: owner } = call;
  const state = findState(call);
  const name = textOf(body, 'name', { max: 255 });
  const group = choiceOf(body, 'group', GROUPS);
  refuseTaken(
    statesOf(world, owner.id).find((s) => s !== state && s.name === name),
    STATE_NAME_TAKEN,
  );
  Object.assign(state, name === undefined ? {} : { name }, group === undefined ? {} : { group });
  state.updatedUs = world.clock.now();
  world.onChange();
  return ok(renderState(world, state));
}

function removeState(call: ProjectCall) {
  const { world } = call;
  const state = findState(call);
  if (state.isDefault) throw new Refusal(400, { error: 'Default state cannot be deleted' });
  const items = world.itemsOf.get(call.project.id) ?? [];
  if (items.some((item) => item.stateId === state.id && item.deletedUs === null)) {
    throw new Refusal(400, { error: 'The state is not empty, only empty states can be deleted' });
  }
  state.deletedUs = world.clock.now();
  world.onChange();
  return gone;
}

function findState({ world, params, project: owner }: ProjectCall): State {
  const state = world.states.get(params.state ?? '');
  if (!state || state.deletedUs !== null || state.projectId !== owner.id) throw notFound();
  return state;
}

function listLabels(call: ProjectCall) {
  const { world, query, project: owner } = call;
  const labels = owner.archivedUs === null ? labelsOf(world, owner.id) : [];
  labels.sort((a, b) => b.createdUs - a.createdUs);
  return ok(paginate(world, labels, query, (label) => renderLabel(world, label)));
}

function createLabel(call: ProjectCall) {
  const { world, body, project: owner } = call;
  const name = requiredText(body, 'name', { max: 255 });
  const external = readExternal(call);
  const labels = labelsOf(world, owner.id);
  refuseTaken(labels.find(samePair(external)), LABEL_PAIR_TAKEN);
  refuseTaken(
    labels.find((l) => l.name === name),
    LABEL_NAME_TAKEN,
  );
  const color = textOf(body, 'color', { blank: true, max: 255 }) ?? '';
  return created(renderLabel(world, makeLabel(world, owner.id, { name, color, ...external }, call.user.id)));
}

function showLabel(call: ProjectCall) {
  return ok(project(call.world, renderLabel(call.world, findLabel(call)), call.query));
}

function patchLabel(call: ProjectCall) {
  const { world, body, project: owner } = call;
  const label = findLabel(call);
  const name = textOf(body, 'name', { max: 255 });
  refuseTaken(
    labelsOf(world, owner.id).find((l) => l !== label && l.name === name),
    LABEL_NAME_TAKEN,
  );
  if (name !== undefined) label.name = name;
  label.updatedUs = world.clock.now();
  world.onChange();
  return ok(renderLabel(world, label));
}

function removeLabel(call: ProjectCall) {
  deleteLabel(call, findLabel(call));
  return gone;
}

function findLabel({ world, params, project: owner }: ProjectCall): Label {
  const label = world.labels.get(params.label ?? '');
  if (!label || label.deletedUs !== null || label.projectId !== owner.id) throw notFound();
  return label;
}

type External = Pick<State, 'externalSource' | 'externalId'>;

const readExternal = ({ body }: ProjectCall): External => ({
  externalSource: nullableTextOf(body, 'external_source', { max: 255 }) ?? null,
  externalId: nullableTextOf(body, 'external_id', { max: 255 }) ?? null,
});

const samePair = (given: External) => (row: External) =>
  Boolean(given.externalSource && given.externalId) &&
  row.externalSource === given.externalSource &&
  row.externalId === given.externalId;

function refuseTaken(holder: { id: string } | undefined, message: string): void {
  if (holder) throw conflict(message, holder.id);
}
