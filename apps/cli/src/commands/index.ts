import type { Command } from '../command.ts';
import { accessCommands } from './access.ts';
import { attachCommands } from './attach.ts';
import { completionCommands } from './completion.ts';
import { decisionCommands } from './decisions.ts';
import { eventCommands } from './events.ts';
import { fileCommands } from './files.ts';
import { operationCommands } from './operations.ts';
import { sessionCommands } from './sessions.ts';
import { statusCommands } from './status.ts';
import { ticketCommands } from './tickets.ts';

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  ...statusCommands,
  ...ticketCommands,
  ...decisionCommands,
  ...sessionCommands,
  ...attachCommands,
  ...eventCommands,
  ...operationCommands,
  ...accessCommands,
  ...fileCommands,
  ...completionCommands(() => COMMANDS),
];
