// text/clients.ts: a new key as settings of the stock clients, ready to paste; pure
//
// The names of the options are those of ccxt 4 and bfx-api-node-rest 7, as docs/compatibility.md
// has tried them.

export interface Credentials {
  key: string;
  secret: string;
  /** Where the venue's REST API answers: "https://venue.example:8443" */
  rest: string;
}

export interface ClientSettings {
  name: string;
  language: string;
  text: (c: Credentials) => string;
}

export const CLIENTS: ClientSettings[] = [
  {
    name: 'ccxt',
    language: 'JavaScript',
    text: ({ key, secret, rest }) => `import ccxt from 'ccxt';

const api = { v1: '${rest}', public: '${rest}', private: '${rest}' };
const bot = new ccxt.bitfinex({
  apiKey: '${key}',
  secret: '${secret}',
  urls: { api },
});
console.log(await bot.fetchBalance());
`,
  },
  {
    name: 'bfx-api-node-rest',
    language: 'JavaScript',
    text: ({ key, secret, rest }) => `import { RESTv2 } from 'bfx-api-node-rest';

const bot = new RESTv2({
  apiKey: '${key}',
  apiSecret: '${secret}',
  url: '${rest}',
});
console.log(await bot.wallets());
`,
  },
  {
    name: 'curl',
    language: 'sh',
    text: ({ key, secret, rest }) => `KEY=${key}
SECRET=${secret}
WHAT=/v2/auth/r/wallets BODY='{}' NONCE=$(date +%s%6N)
SIGNATURE=$(printf '/api%s%s%s' "$WHAT" "$NONCE" "$BODY" |
  openssl dgst -sha384 -hmac "$SECRET" | sed 's/.* //')
curl ${rest}$WHAT -d "$BODY" -H 'content-type: application/json' \\
  -H "bfx-apikey: $KEY" -H "bfx-nonce: $NONCE" -H "bfx-signature: $SIGNATURE"
`,
  },
];

/** What is saved as a file: enough for a program, and for a person who finds it later. */
export function credentialsFile(c: Credentials, label: string, environment: string): string {
  return `${JSON.stringify({ label, environment, rest: c.rest, apiKey: c.key, apiSecret: c.secret }, null, 2)}\n`;
}

/** A file name from a label: what file systems disagree about becomes a dash. */
export function fileName(label: string): string {
  const plain = label.normalize('NFKD').replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '').toLowerCase();
  return `${plain || 'key'}.json`;
}
