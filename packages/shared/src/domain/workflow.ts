/** How an agent runs: in a terminal of its own, or unattended with its result as the summary. Both can be watched. */
export const AGENT_MODES = ['interactive', 'headless'] as const;
export type AgentMode = (typeof AGENT_MODES)[number];

/**
 * A workflow is data: which stages follow each other, who opens each of them, who judges its result, and what is
 * written back at the end. `decide` interprets it; a new workflow needs no new rule.
 */
export interface Stage {
  readonly name: string;
  /** The part that the agent plays; chooses the prompt template. */
  readonly role: string;
  /** `person`: waits for an approval. `automatic`: starts as soon as it is reached. */
  readonly start: 'person' | 'automatic';
  /** `person`: the summary waits for an approval. `automatic`: the next stage, or the write-back, follows at once. */
  readonly review: 'person' | 'automatic';
  /** Most sessions of this stage at one time, over all projects and runners. */
  readonly sessions?: number;
  /** How its agents run, whatever the project says. */
  readonly mode?: AgentMode;
}

/** One more kind is one more effect of the lane `plane`: a row in `EFFECTS`, its outcome, and a handler in the plane-writer. */
export type WriteBack = 'plane.comment' | 'plane.link' | 'plane.state';

export interface Workflow {
  readonly name: string;
  /** In order; never empty. */
  readonly stages: readonly [Stage, ...Stage[]];
  /** Written to Plane in this order when the last stage is approved. */
  readonly writeBack: readonly WriteBack[];
}

/** One stage between two human decisions: may it start, and may its result go to Plane (B-017). */
export const SUPERVISED: Workflow = {
  name: 'supervised',
  stages: [{ name: 'implement', role: 'developer', start: 'person', review: 'person' }],
  writeBack: ['plane.comment', 'plane.state'],
};

/** The same workflow for a project that shows its branches somewhere: their address follows the comment. */
export const withLinks = (workflow: Workflow): Workflow => ({
  ...workflow,
  writeBack: workflow.writeBack.flatMap((write) => (write === 'plane.comment' ? [write, 'plane.link'] : [write])),
});

export const WORKFLOWS: Readonly<Record<string, Workflow>> = { supervised: SUPERVISED };

/** The stage of that name, or the first one when a workflow was changed under a living ticket. */
export const stageOf = (workflow: Workflow, name: string): Stage =>
  workflow.stages.find((stage) => stage.name === name) ?? workflow.stages[0];

export const stageAfter = (workflow: Workflow, name: string): Stage | undefined =>
  workflow.stages[workflow.stages.indexOf(stageOf(workflow, name)) + 1];
