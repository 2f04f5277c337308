/** CPU time, in ms, that this process spends in `work`: a busy machine makes the clock run on, this hardly. */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
