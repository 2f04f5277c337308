import type { TicketView } from '@pco/shared/contracts/http';
import { text } from '../text/index.ts';
import { duration } from '../time.ts';

/** What a session left behind, in one line; what would be lost with its worktree stands out. */
export function Outcome({ ticket: { result, branch } }: { readonly ticket: TicketView }) {
  const facts = [
    ...(result?.commits === undefined ? [] : [text.inbox.commits(result.commits)]),
    ...(result?.diff ? [result.diff.trim()] : []),
    ...(result?.durationMs === undefined ? [] : [duration(result.durationMs)]),
    ...(result?.tokens === undefined ? [] : [text.inbox.tokens(result.tokens)]),
    ...(result?.cost === undefined ? [] : [`$${result.cost.toFixed(2)}`]),
  ];
  const kept = [
    ...(result?.unpushed ? [text.inbox.unpushed(result.unpushed)] : []),
    ...(result?.uncommitted ? [text.inbox.uncommitted(result.uncommitted)] : []),
  ];
  if (!branch && facts.length + kept.length === 0) return null;
  return (
    <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm text-quiet">
      {branch ? <code className="min-w-0 wrap-anywhere">{branch}</code> : null}
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
      {kept.map((fact) => (
        <span key={fact} className="text-warn">
          {fact}
        </span>
      ))}
    </p>
  );
}
