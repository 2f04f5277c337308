// Asks the service of this container how it is: PCO_HEALTH_URL has to answer with 200. For HEALTHCHECK.
const url = process.env.PCO_HEALTH_URL ?? '';
const answer = await fetch(url, { signal: AbortSignal.timeout(2_500) }).catch((err) => ({
  ok: false,
  text: async () => String(err.cause ?? err),
}));
// Docker keeps what was printed, for `docker inspect`
process.stdout.write(`${(await answer.text()).slice(0, 1_000)}\n`);
process.exit(answer.ok ? 0 : 1);
