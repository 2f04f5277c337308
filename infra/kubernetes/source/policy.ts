import { type Container, type Manifest, type PodSpec, podOf, titleOf } from './manifest.ts';

/** The images of the product and what else may run, always of a version that is named. */
const IMAGE =
  /(^|\/)(plane-claude-orchestrator\/(api|poller|plane-writer|session-worker|tmux-session-service|agent-host)|redis):(?!latest$)[\w.-]+(@sha256:[0-9a-f]{64})?$/;
const USER = 10_001;
const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
/** Fields of a pod that would let it out of itself, or its containers into each other. */
const SHARED = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const;
/** An address may hold a password, so it is one too. */
const SECRET_NAME = /(TOKEN|PASSWORD|SECRETS?|KEY|REDIS_URL)$/;

/** What a manifest does that none of ours may do, besides what its schema says. */
export function violationsOf(manifest: Manifest): string[] {
  const own = manifest.kind === 'Secret' ? ['secrets are made by hand, never rendered'] : [];
  const pod = podOf(manifest);
  const found = pod ? [...own, ...ofPod(pod)] : own;
  return found.map((text) => `${titleOf(manifest)}: ${text}`);
}

function ofPod(pod: PodSpec): string[] {
  const { runAsNonRoot, runAsUser, runAsGroup, seccompProfile } = pod.securityContext;
  const every = [...pod.initContainers, ...pod.containers];
  return [
    ...when(runAsNonRoot !== true || runAsUser !== USER || runAsGroup !== USER, `runs not as ${USER}`),
    ...when(Object(seccompProfile).type !== 'RuntimeDefault', 'has no seccomp profile RuntimeDefault'),
    ...when(pod.automountServiceAccountToken !== false, 'mounts a token of the Kubernetes API'),
    ...SHARED.flatMap((field) => when(pod[field] === true, `${field} is on`)),
    ...pod.volumes.flatMap((volume) => when('hostPath' in volume, `volume ${volume.name} is a folder of the node`)),
    ...every.flatMap((container) => named(container, [...ofContainer(container), ...ofMounts(container, pod)])),
    ...pod.containers.flatMap((container) =>
      named(
        container,
        PROBES.flatMap((probe) => when(container[probe] === undefined, `has no ${probe}`)),
      ),
    ),
  ];
}

function ofContainer({ image, env, resources, securityContext: own }: Container): string[] {
  const { drop, add } = Object(own.capabilities);
  const { requests, limits } = resources ?? {};
  return [
    ...when(!IMAGE.test(image), `${image} is no image of ours with a version`),
    ...when(own.readOnlyRootFilesystem !== true, 'can write to its root file system'),
    ...when(own.allowPrivilegeEscalation !== false || own.privileged === true, 'can get more rights'),
    ...when(!Array.isArray(drop) || !drop.includes('ALL') || add !== undefined, 'keeps capabilities'),
    ...when((own.runAsUser ?? USER) !== USER || own.runAsNonRoot === false, 'runs as another user than its pod'),
    ...when(!requests?.cpu || !requests.memory, 'asks for no processor or memory'),
    ...when(!limits?.cpu || !limits.memory, 'has no limit of processor or memory'),
    ...env.flatMap(({ name, value }) =>
      when(SECRET_NAME.test(name) && value !== undefined, `${name} stands in the open`),
    ),
  ];
}

/** Secrets are read only, and what a variable calls the file of one is mounted. */
function ofMounts({ env, volumeMounts }: Container, { volumes }: PodSpec): string[] {
  const secrets = volumeMounts.flatMap((mount) => {
    const secret = volumes.find(({ name }) => name === mount.name)?.secret;
    return secret ? [{ ...mount, files: secret.items.map(({ path }) => `${mount.mountPath}/${path}`) }] : [];
  });
  const files = new Set(secrets.flatMap((mount) => mount.files));
  const wanted = env.filter(({ name, value }) => name.endsWith('_FILE') && value?.startsWith('/run/secrets/'));
  const used = new Set(wanted.map(({ value }) => value));
  return [
    ...secrets.flatMap(({ name, readOnly }) => when(readOnly !== true, `can write to the secret ${name}`)),
    ...wanted.flatMap(({ name, value }) => when(!files.has(value ?? ''), `${name} names no file that is mounted`)),
    // the least that a service needs; who reads a file without a variable says so in its command
    ...[...files].flatMap((file) => when(env.length > 0 && !used.has(file), `${file} is mounted and not used`)),
  ];
}

const when = (isWrong: boolean, text: string): string[] => (isWrong ? [text] : []);
const named = ({ name }: Container, texts: readonly string[]): string[] => texts.map((text) => `${name} ${text}`);
