/**
 * The declarations of operations by the file that they stand in. Each is loaded and made when it is first needed: to make all
 * of them at once takes so long that a press would have to wait.
 */
const FILES = {
  access: async () => (await import('@pco/shared/contracts/http/access')).accessRoutes,
  decisions: async () => (await import('@pco/shared/contracts/http/decisions')).decisionRoutes,
  diff: async () => (await import('@pco/shared/contracts/http/diff')).diffRoutes,
  feed: async () => (await import('@pco/shared/contracts/http/feed')).feedRoutes,
  history: async () => (await import('@pco/shared/contracts/http/history')).historyRoutes,
  inbox: async () => (await import('@pco/shared/contracts/http/inbox')).inboxRoutes,
  operations: async () => (await import('@pco/shared/contracts/http/operations')).operationRoutes,
  preview: async () => (await import('@pco/shared/contracts/http/preview')).previewRoutes,
  projects: async () => (await import('@pco/shared/contracts/http/projects')).projectRoutes,
  runners: async () => (await import('@pco/shared/contracts/http/runners')).runnerRoutes,
  setup: async () => (await import('@pco/shared/contracts/http/setup')).setupRoutes,
  terminals: async () => (await import('@pco/shared/contracts/http/terminals')).terminalRoutes,
  'ticket-list': async () => (await import('@pco/shared/contracts/http/ticket-list')).ticketListRoutes,
  tickets: async () => (await import('@pco/shared/contracts/http/tickets')).ticketRoutes,
  transcript: async () => (await import('@pco/shared/contracts/http/transcript')).transcriptRoutes,
  transcription: async () => (await import('@pco/shared/contracts/http/transcription')).transcriptionRoutes,
};
type Declared = { readonly [File in keyof typeof FILES]: Awaited<ReturnType<(typeof FILES)[File]>> };
export type DeclaredIn = keyof Declared;
/** Where an operation is declared. */
export type FileOf<Name> = { [File in DeclaredIn]: Name extends keyof Declared[File] ? File : never }[DeclaredIn];

/** What declarations are made of, each after what it needs. All at once keep the page busy for a tenth of a second. */
const PARTS: readonly (() => Promise<unknown>)[] = [
  () => import('./zod-without-eval.ts'),
  () => import('@pco/shared/domain/ids'),
  () => import('@pco/shared/contracts/http/common'),
  () => import('@pco/shared/contracts/http/feed'),
  () => import('@pco/shared/domain/effects'),
  () => import('@pco/shared/domain/ticket'),
  () => import('@pco/shared/contracts/http/ticket-list'),
  () => import('@pco/shared/contracts/http/tickets'),
];

/** After whatever the browser has to do before. */
export const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

let parts: Promise<void> | undefined;

/** One after the other, so that whoever presses something in between is answered in between. Who needs them after that failed tries again. */
async function loadParts(): Promise<void> {
  for (const load of PARTS) {
    await load();
    await nextTask();
  }
}

function partsLoaded(): Promise<void> {
  parts ??= loadParts().catch((err: unknown) => {
    parts = undefined;
    throw err;
  });
  return parts;
}

const loading = new Map<DeclaredIn, Promise<Declared[DeclaredIn]>>();
const loaded = new Set<DeclaredIn>();

export const isLoaded = (file: DeclaredIn): boolean => loaded.has(file);

/** Who needs it after that failed tries again. */
export function declaredIn(file: DeclaredIn): Promise<Declared[DeclaredIn]> {
  const known = loading.get(file);
  if (known !== undefined) return known;
  const coming = partsLoaded().then((): Promise<Declared[DeclaredIn]> => FILES[file]());
  loading.set(file, coming);
  coming.then(
    () => loaded.add(file),
    () => loading.delete(file),
  );
  return coming;
}
