const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const WORD = LOWER + LOWER.toUpperCase() + DIGITS;

/** Characters that are the same for the same number, so that a failing test can be repeated. */
function text(alphabet: string, length: number, seed: number): string {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  let out = '';
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    out += alphabet[(state >>> 8) % alphabet.length] ?? '';
  }
  return out;
}

/** What is printed, and the part of it that nobody may see. */
export interface PlantedSecret {
  readonly printed: string;
  readonly secret: string;
}

const HEX = '0123456789abcdef';
const KINDS: readonly ((seed: number) => PlantedSecret)[] = [
  ...[
    ['sk-ant-api03-', WORD, 90],
    ['sk-proj-', WORD, 100],
    ['sk-', WORD, 48],
    ['ghp_', WORD, 36],
    ['gho_', WORD, 36],
    ['github_pat_', WORD, 70],
    ['glpat-', WORD, 20],
    ['xoxb-', `${DIGITS}-`, 40],
    ['AKIA', LOWER.toUpperCase() + DIGITS, 16],
    ['AIza', WORD, 35],
    ['ya29.', WORD, 60],
    ['npm_', WORD, 36],
    ['pypi-', WORD, 80],
    ['dop_v1_', HEX, 64],
    ['hf_', WORD, 34],
    ['gsk_', WORD, 52],
    ['sk_live_', WORD, 24],
    ['plane_api_', HEX, 32],
    ['hvs.', WORD, 90],
    ['dckr_pat_', WORD, 27],
  ].map(([mark, alphabet, length]) => (seed: number) => {
    const secret = `${mark}${text(String(alphabet), Number(length), seed)}`;
    return { printed: `using ${secret} now`, secret };
  }),
  (seed) => around(`eyJ${text(WORD, 30, seed)}.${text(WORD, 60, seed + 1)}.${text(WORD, 43, seed + 2)}`, 'got ', ''),
  (seed) => around(text(WORD, 32, seed), 'Authorization: Bearer ', ''),
  (seed) => around(text(WORD, 24, seed), "curl -H 'X-Api-Key: ", "' https://example.com"),
  (seed) => around(text(WORD, 18, seed), 'postgres://admin:', '@db.example.com:5432/app'),
  (seed) => around(text(WORD, 18, seed), 'git clone https://user:', '@git.example.com/a/b.git'),
  (seed) => around(text(WORD, 12, seed), 'DB_PASSWORD=', ''),
  (seed) => around(text(`${WORD}/+`, 40, seed), 'aws_secret_access_key = "', '"'),
  (seed) => around(text(WORD, 16, seed), '{"user": "me", "password": "', '", "x": 1}'),
  (seed) => around(text(WORD, 20, seed), 'mysql --password=', ' -h db'),
  (seed) => around(text(WORD, 20, seed), 'curl -u admin:', ' https://example.com'),
  (seed) => around(text(WORD, 32, seed), 'export PCO_SESSION_TOKEN=', ''),
  (seed) => around(`${text(DIGITS, 9, seed).replace(/^0/, '1')}:${text(WORD, 35, seed)}`, 'bot ', ''),
  (seed) =>
    around(
      `T0${text(WORD, 8, seed)}/B0${text(WORD, 8, seed)}/${text(WORD, 24, seed)}`,
      'https://hooks.slack.com/services/',
      '',
    ),
  (seed) => around(btoa(`AWS_SECRET_ACCESS_KEY=${text(WORD, 40, seed)}`), 'echo ', ' | base64 -d'),
  (seed) => around(text(WORD, 16, seed), String.raw`"{\"user\": \"me\", \"password\": \"`, String.raw`\"}"`),
  (seed) => {
    const lines = [0, 1, 2, 3].map((index) => text(`${WORD}/+`, 64, seed + index));
    const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----`;
    return { printed: key, secret: lines[1] ?? '' };
  },
];

const around = (secret: string, before: string, after: string): PlantedSecret => ({
  printed: `${before}${secret}${after}`,
  secret,
});

/** Secrets of usual kinds as programs print them; none is real. */
export const plantedSecrets = (count: number): PlantedSecret[] =>
  Array.from({ length: count }, (_, seed) => KINDS[seed % KINDS.length]?.(seed) ?? around('', '', ''));
