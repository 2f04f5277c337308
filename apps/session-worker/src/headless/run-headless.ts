import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanText } from '@pco/shared/domain';
import { pause, SECOND_MS } from '@pco/shared/time';
import { isCounted, openJournal } from './journal.ts';
import { renderLine } from './render.ts';
import { answerRequest, askingLines, type OpenRequest, openRequest, refuseRequest } from './requests.ts';
import { interruptLine, parseStreamLine, type Request, type Result, userLine } from './stream.ts';
import { judgeResult } from './verdict.ts';

export interface HeadlessOptions {
  /** The session's folder, its id, and where its result is reported. */
  readonly dir: string;
  readonly sessionId: string;
  readonly spool: string;
  /** Writes a line to the agent's standard input. */
  tell(line: object): void;
  /** Shows a line to who watches. */
  show(line: string): void;
}

export interface Headless {
  /** A line of the agent's standard output. */
  hear(line: string): void;
  /** What a person typed: an answer to what is asked, else a prompt. */
  say(words: string): void;
  interrupt(): void;
}

/** Kept for who wants to look later; the conversation itself stands in the agent's transcript. */
const STREAM_MAX_BYTES = 64 * 1024 * 1024;
/** Of a summary; the reader cuts it to what a ticket keeps. */
const SUMMARY_MAX_BYTES = 60 * 1024;

/** One agent without a terminal: its stream is kept, shown and judged, and a person's words reach it. */
export function runHeadless(options: HeadlessOptions): Headless {
  const { dir, tell, show } = options;
  const stream = join(dir, 'stream.jsonl');
  writeFileSync(stream, '', { flag: 'a', mode: 0o600 }); // its being there says that a result will tell of the end
  const journal = openJournal(dir);
  const open: OpenRequest[] = [];
  const refusedByPerson = new Set<string>();
  let told = 0;

  const ask = (): void => {
    for (const line of open[0] ? askingLines(open[0]) : []) show(`? ${cleanText(line)}`);
  };
  const onRequest = (request: Request): void => {
    const asked = openRequest(request);
    if (asked) open.push(asked);
    else tell(refuseRequest(request));
    if (asked && open.length === 1) ask();
  };
  const withdraw = (id: string): void => {
    const index = open.findIndex((request) => request.id === id);
    if (index >= 0) open.splice(index, 1);
  };
  const onResult = (result: Result): void => {
    open.length = 0;
    const { prompts, goesOn } = journal.read();
    const verdict = judgeResult(result, { refusedByPerson, heardAll: prompts >= told, goesOn });
    if (verdict.kind === 'waits') {
      const { error, said } = verdict;
      journal.note({
        hook_event_name: error ? 'StopFailure' : 'Stop',
        error,
        last_assistant_message: said.slice(0, 300),
      });
    }
    if (verdict.kind === 'completed') void report(options, verdict.summary);
  };

  return {
    hear(text) {
      const line = parseStreamLine(text);
      keep(stream, text, line?.type === 'result');
      if (!line) return;
      for (const shown of renderLine(line)) show(shown);
      if (line.type === 'control_request') onRequest(line);
      if (line.type === 'control_cancel_request') withdraw(line.request_id);
      if (line.type === 'result') onResult(line);
    },
    say(words) {
      const [asked] = open;
      if (words.trim() === '') return;
      if (!asked) {
        if (isCounted(words)) told += 1;
        return tell(userLine(words));
      }
      const answer = answerRequest(asked, words);
      if (answer.kind === 'goes_on') open[0] = answer.request;
      else {
        if (answer.isRefusal) refusedByPerson.add(asked.toolUseId);
        open.shift();
        tell(answer.response);
      }
      ask();
    },
    interrupt: () => tell(interruptLine(randomBytes(6).toString('hex'))),
  };
}

/** A full disk must not end the agent; its results go on being kept when all else has grown too large. */
function keep(path: string, line: string, isResult: boolean): void {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size < STREAM_MAX_BYTES || isResult) appendFileSync(path, `${line}\n`, { mode: 0o600 });
  } catch {
    // what is lost here is only for looking
  }
}

/** Whole or not at all, and again until it is there: the summary is what the work was done for. */
async function report({ dir, spool, sessionId, show }: HeadlessOptions, summary: string): Promise<void> {
  if (existsSync(join(dir, 'completed'))) return; // the agent has reported itself
  const text = Buffer.from(summary)
    .subarray(0, SUMMARY_MAX_BYTES)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
  for (let isTold = false; ; isTold = true) {
    try {
      mkdirSync(spool, { recursive: true, mode: 0o700 });
      const temporary = join(spool, `.result-${randomBytes(6).toString('hex')}`);
      writeFileSync(temporary, text, { mode: 0o600 });
      renameSync(temporary, join(spool, `result-${sessionId}.txt`));
      writeFileSync(join(dir, 'completed'), '', { mode: 0o600 });
      return show('= its result is reported as the summary');
    } catch (err) {
      if (!isTold) show(`! the result cannot be written (${String(err)}), trying again`);
      await pause(SECOND_MS);
    }
  }
}
