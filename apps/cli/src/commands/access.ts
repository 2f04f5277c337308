import { ROLES } from '@pco/shared/contracts/http';
import type { Client } from '../client.ts';
import type { Command, Given } from '../command.ts';
import { CliFailure, EXIT, usage } from '../failure.ts';

export const accessCommands: readonly Command[] = [
  {
    name: 'tokens list',
    summary: 'Every token, without itself',
    async run({ api, out }) {
      const tokens = await api().call('tokens');
      out.result(tokens, () =>
        out.table(
          tokens,
          [
            { title: 'ID', of: ({ id }) => id ?? '(configuration)' },
            { title: 'NAME', of: ({ name }) => name },
            { title: 'ROLE', of: ({ role }) => role },
            {
              title: 'EXPIRES',
              of: ({ expires_at, is_expired }) => (is_expired ? 'expired' : (expires_at ?? 'never')),
            },
            { title: 'MADE BY', of: ({ created_by }) => created_by ?? '', gives: true },
          ],
          'there is no token: the api listens on loopback only and asks for none',
        ),
      );
    },
  },
  {
    name: 'tokens create',
    summary: 'Make a token; it is shown this once, on standard output alone',
    args: [{ name: 'name', kind: { of: 'text' } }],
    options: {
      role: { summary: 'viewer (default), operator or admin', value: 'ROLE', kind: { of: 'words', words: ROLES } },
      days: { summary: 'how long it holds (90)', value: 'N' },
      forever: { summary: 'it holds until it is revoked' },
    },
    notes: 'To keep it: (umask 077; pco tokens create ci > ci-token)',
    run: createToken,
  },
  {
    name: 'tokens revoke',
    summary: 'Revoke a token, by its id or name, and every browser that logged in with it',
    args: [{ name: 'token', kind: { of: 'token' } }],
    async run({ api, out, arg }) {
      const answer = await api().call('deleteToken', {
        params: { tokenId: await idOf(api(), arg('token')) },
        body: {},
      });
      out.result(answer, () => out.say(`${arg('token')} is revoked`));
    },
  },
  {
    name: 'login-link',
    summary: 'A link that logs one browser in as you, once',
    async run({ api, out }) {
      const link = await api().call('createLoginLink', { body: {} });
      out.result(link, () => out.say(link.url));
    },
  },
  {
    name: 'audit',
    summary: 'Who changed what from where, newest first',
    options: {
      limit: { summary: 'at most so many (100)', value: 'N' },
      before: { summary: '`next` of an earlier page', value: 'ID' },
    },
    async run({ api, out, option }) {
      const page = await api().call('audit', { query: { limit: option('limit'), before: option('before') } });
      out.result(page, () => {
        out.table(
          page.entries,
          [
            { title: 'AT', of: ({ at }) => at },
            { title: 'WHO', of: ({ who, role }) => `${who} (${role})`, gives: true },
            { title: 'FROM', of: ({ from }) => from },
            { title: 'WHAT', of: ({ what }) => what },
            { title: 'TICKET', of: ({ ticket_id }) => ticket_id ?? '' },
            { title: 'STATUS', of: ({ status }) => status ?? 'none' },
          ],
          'nobody has changed anything yet',
        );
        if (page.next) out.say(`… older ones: pco audit --before ${page.next}`);
      });
    },
  },
];

async function createToken({ api, out, arg, option, isSet }: Given): Promise<void> {
  const days = Number(option('days') ?? 90);
  if (option('days') !== undefined && isSet('forever')) throw usage('either --days or --forever');
  const body = { name: arg('name'), role: option('role') ?? 'viewer', expires_in_days: isSet('forever') ? null : days };
  const made = await api().call('createToken', { body });
  if (out.isJson) return out.json(made);
  out.say(made.token);
  if (out.isTerminal)
    out.warn(
      `${made.name} is ${made.role} until ${made.expires_at ?? 'it is revoked'}; keep it now, it is not shown again`,
    );
}

async function idOf(api: Client, wanted: string): Promise<string> {
  if (/^[a-f0-9]{12}$/.test(wanted)) return wanted;
  const found = (await api.call('tokens')).find(({ name }) => name === wanted);
  if (!found) throw new CliFailure(EXIT.notFound, `there is no token named "${wanted}"; pco tokens list shows them`);
  if (found.id === null)
    throw new CliFailure(
      EXIT.notNow,
      `"${wanted}" stands in the configuration of the api; take it out there and restart`,
    );
  return found.id;
}
