import type { TicketChange } from '@pco/shared/contracts/http';
import type { Command, Given } from '../command.ts';
import { follow } from '../follow.ts';
import { oneLine } from '../text.ts';

export const eventCommands: readonly Command[] = [
  {
    name: 'events',
    summary: 'What happens to tickets, as it happens',
    options: {
      follow: { summary: 'come back after a lost connection, for as long as it takes, and miss nothing', short: 'f' },
      ticket: { summary: 'only of these', value: 'TICKET', isMany: true, kind: { of: 'ticket' } },
      after: { summary: 'begin after the event with that id', value: 'ID' },
    },
    notes:
      'Without --follow it ends with the connection. With --json there is one event a line, with its id for --after.',
    async run({ api, out, many, option, isSet, stop }: Given) {
      const tickets = many('ticket');
      await follow(api(), {
        after: option('after'),
        tickets,
        isPersistent: isSet('follow'),
        stop,
        onChange: (id, change) => (out.isJson ? out.jsonLine({ id, ...change }) : out.say(sentence(change))),
        onReset: (id, why) =>
          out.isJson
            ? out.jsonLine({ id, reset: why })
            : out.warn('what happened in between is not known any more: load the lists anew (pco list)'),
        onLost: (why) => out.warn(`${why}; coming back …`),
      });
    },
  },
];

function sentence({ at, ticket_id, type, from, to, by, reason_code }: TicketChange): string {
  const move = from === to ? (to ?? '') : `${from ?? 'new'} → ${to ?? 'forgotten'}`;
  return oneLine(
    `${at}  ${ticket_id}  ${type}  ${move}${by ? `  by ${by}` : ''}${reason_code ? `  (${reason_code})` : ''}`,
  );
}
