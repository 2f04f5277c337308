import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where several files run at a time, one that begins last and takes longest is all that everybody waits for. */
const LONG = ['kill', 'claude', 'claude-headless', 'runners', 'host-failures', 'team'].map(
  (name) => `/e2e/${name}.e2e.`,
);

const rank = ({ moduleId }: TestSpecification): number => {
  const found = LONG.findIndex((part) => moduleId.includes(part));
  return found < 0 ? LONG.length : found;
};

export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
