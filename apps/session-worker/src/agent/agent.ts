import type { Config, ProjectConfig } from '@pco/shared/config';
import type { AgentMode, Ticket } from '@pco/shared/domain';
import { z } from 'zod';
import type { SessionFiles } from '../session-files.ts';

/** Noted in a session's folder, so that whoever comes later treats the session as what it was started as. */
export const AgentName = z.enum(['claude-code', 'command']);
export type AgentName = z.output<typeof AgentName>;

export interface LaunchOptions {
  readonly config: Config;
  readonly project: ProjectConfig | undefined;
  readonly mode: AgentMode;
  readonly files: SessionFiles;
  readonly ticket: Ticket;
  /** Address of this session's hooks. */
  readonly hookUrl: string;
  /** Runs the hook program: the Node that we run on, and our script. */
  readonly hookCommand: string;
  /** The Node that we run on. */
  readonly node: string;
  /** The agent's conversation to go on in, instead of a new one. */
  readonly conversation: string | undefined;
}

/** What is pressed or typed, followed by Enter. */
export type Typed = { readonly keys: readonly string[] } | { readonly line: string };

/** Files that are there and grow, line by line. */
export interface Transcripts {
  /** The conversation; a new file behind the others whenever it was begun anew. */
  readonly conversation: readonly string[];
  readonly subagents: readonly string[];
}

/** Everything that differs from one kind of agent to another; what none has in common with another stays out of it. */
export interface Agent {
  readonly name: AgentName;
  /** Says by hooks or its transcript that it was given a text: without it nothing that is sent can be confirmed. */
  readonly confirms: boolean;
  /** Writes what it needs into the session's folder and gives its argument vector; the launcher appends the prompt. */
  launch(options: LaunchOptions): Promise<readonly string[]>;
  hasTakenPrompt(files: SessionFiles): boolean;
  /** The conversation of an earlier session, if it can still be gone on in. */
  conversation(sessionDir: string): string | undefined;
  transcripts(sessionDir: string): Transcripts;
  /** How a person's answer to its question reaches it: a digit, `yes` or `no`. */
  answer(mode: AgentMode, answer: string): Typed;
  readonly interrupt: Typed;
}
