/** Marks of keys that say themselves what they are: the mark, then at least so many characters of the key. */
const MARKED: readonly (readonly [mark: string, key: string])[] = [
  ['sk-ant-', '[\\w-]{16,}'], // Anthropic
  ['sk-(?:proj|svcacct|admin|or-v1|lf)-', '[\\w-]{16,}'], // OpenAI, OpenRouter, Langfuse
  ['sk-', '[A-Za-z0-9]{20,}'], // OpenAI, DeepSeek
  ['(?:gsk|hf|xai|pplx|r8|nvapi|fw|tgp_v1|csk)[_-]', '[A-Za-z0-9_-]{20,}'], // Groq, Hugging Face, xAI, Perplexity, Replicate …
  ['(?:sk|rk|pk)_(?:live|test)_', '\\w{16,}'], // Stripe, Clerk
  ['whsec_', '[\\w+/=]{16,}'],
  ['gh[pousr]_', '\\w{20,}'], // GitHub
  ['github_pat_', '\\w{20,}'],
  ['gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt|ffct)-', '[\\w.-]{16,}'], // GitLab
  ['xox[abeoprs]-', '[\\w-]{10,}'], // Slack
  ['xapp-', '[\\w-]{16,}'],
  ['(?:AKIA|ASIA|ABIA|ACCA)', '[A-Z0-9]{16}(?![A-Za-z0-9])'], // Amazon
  ['AIza', '[\\w-]{30,}'], // Google
  ['ya29\\.', '[\\w.-]{16,}'],
  ['GOCSPX-', '[\\w-]{16,}'],
  ['npm_', '[A-Za-z0-9]{30,}'],
  ['(?:pypi|rubygems)[-_]', '[\\w-]{16,}'],
  ['do[opr]_v1_', '[a-f0-9]{32,}'], // DigitalOcean
  ['SG\\.', '[\\w-]{16,}\\.[\\w-]{16,}'], // SendGrid
  ['key-', '[0-9a-f]{32}'], // Mailgun
  ['(?:SK|AC)', '[0-9a-f]{32}'], // Twilio
  ['plane_api_', '\\w{16,}'], // Plane
  ['lin_(?:api|oauth)_', '\\w{16,}'], // Linear
  ['ATATT3', '[\\w=-]{20,}'], // Atlassian
  ['(?:figd|ntn|secret)_', '[\\w-]{24,}'], // Figma, Notion
  ['shp(?:at|ca|pa|ss)_', '[a-fA-F0-9]{24,}'], // Shopify
  [
    '(?:sntrys|sntryu|glc|glsa|dckr_pat|dckr_oat|sbp|phc|phx|pscale_tkn|pscale_pw|tfp|nfp|fo1|FlyV1|vcp)[_-]',
    '[\\w=+/.-]{20,}',
  ],
  ['hv[sbr]\\.', '[\\w-]{20,}'], // HashiCorp Vault
  ['(?:tskey|PMAK|NRAK|pul|sqp|sqa)[-_]', '[\\w-]{20,}'], // Tailscale, Postman, New Relic, Pulumi, Sonar
  ['dp\\.(?:pt|st|ct|sa)\\.', '[\\w.-]{20,}'], // Doppler
  ['sq0(?:atp|csp|idp)-', '[\\w-]{20,}'], // Square
  ['AGE-SECRET-KEY-1', '[A-Z0-9]{40,}'],
  ['EAA', '[A-Za-z0-9]{60,}'], // Facebook
];

const NAME =
  '(?:password|passwd|passphrase|pwd|secret|token|credentials?|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|account[_-]?key|client[_-]?key|encryption[_-]?key|signing[_-]?key)';

/**
 * Kinds of secrets as they are printed. Where only a part is secret, that part is the group `secret`. What merely looks
 * alike is hidden as well: a recording with a hole is better than one with a key.
 */
export const SECRET_KINDS: readonly RegExp[] = [
  new RegExp(`(?<![A-Za-z0-9])(?:${MARKED.map(([mark, key]) => `${mark}${key}`).join('|')})`, 'dg'),
  // private keys, whole or cut off: PEM, OpenSSH, PGP
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]{0,16000}?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|(?:\s{0,8}(?:[\w+/=]{16,200}|[\w-]{1,40}: [^\r\n]{1,200})){0,400})/dg,
  // JSON web tokens
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/dg,
  // bots of Telegram and Discord
  /(?<!\d)\d{8,10}:[\w-]{35}(?![\w-])/dg,
  /(?<![\w-])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}/dg,
  // addresses that are keys: webhooks of Slack, Discord and Teams
  /https:\/\/(?:hooks\.slack\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/webhooks|[\w.-]+\.webhook\.office\.com)\/(?<secret>[\w/@.-]{16,})/dg,
  // a password in an address
  /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@'"]{0,128}:(?<secret>[^\s/@'"]{1,256})@/dgi,
  // headers
  /\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:[A-Za-z][\w-]{0,20} +)?(?<secret>[^\s"',]{6,})/dgi,
  /\b(?:bearer|basic) +(?<secret>[\w.~+/=-]{12,})/dgi,
  /\b(?:set-)?cookie["']?\s*: *(?<secret>[^\r\n"']{6,})/dgi,
  /\bx-[a-z-]{0,30}(?:key|token|secret|auth)["']?\s*[:=]\s*["']?(?<secret>[^\s"',]{6,})/dgi,
  // NAME=value as in an environment, whatever the value is
  new RegExp(`(?<![A-Z0-9_])[A-Z0-9_]{0,64}${NAME.toUpperCase()}[A-Z0-9_]{0,32}=["']?(?<secret>[^\\s"']{4,})`, 'dg'),
  // "name": "value", name='value', also within a text that was quoted itself: \"name\": \"value\"
  new RegExp(
    `${NAME}[\\w-]{0,32}\\\\{0,8}["']?\\s*[:=]\\s*\\\\{0,8}(["'])(?<secret>(?:(?!\\\\{0,8}\\1)[^\\r\\n]){4,512})\\\\{0,8}\\1`,
    'dgi',
  ),
  // name: value and name=value, where the value is no word or call of a program
  new RegExp(
    `${NAME}[\\w-]{0,32}["']?\\s{0,3}[:=]\\s{0,3}(?<secret>(?=[^\\s"'(]{0,256}[\\d!#$%&*@^~+/])[^\\s"'(){}\\[\\],;]{6,512})`,
    'dgi',
  ),
  // --password value, curl -u name:value
  new RegExp(`--[\\w-]{0,32}${NAME}[\\w-]{0,32}[ =]["']?(?<secret>[^\\s"']{4,})`, 'dgi'),
  /(?:\s-u|--user)[ =]["']?[^\s:"']{1,128}:(?<secret>[^\s"']{4,})/dg,
];
