// text/verdicts.ts: what the gateway decided about a request, in words; pure

/** The order of the filter's list: as in the gateway's checks. */
export const VERDICTS: Record<string, string> = {
  pass: 'Passed',
  'segment-missing': 'Gateway not ready',
  unrecorded: 'Could not be recorded',
  'malformed-request': 'Malformed request',
  'body-too-large': 'Body too large',
  'route-unknown': 'No such path',
  'route-retired': 'Endpoint retired',
  plaintext: 'Not encrypted',
  'headers-malformed': 'Key, nonce or signature malformed',
  'wrong-environment': 'Key of the other environment',
  'key-unknown': 'No such key',
  'signature-wrong': 'Signature does not match',
  'failures-exceeded': 'Too many failures from the address',
  'plaintext-revoked': 'Signed in the clear, key revoked',
  'key-revoked': 'Key is revoked',
  'key-expired': 'Key has ended',
  'key-suspended': 'Key is suspended',
  'address-refused': 'Address not on the list',
  'nonce-small': 'Nonce too small',
  'rate-exceeded': 'Over the rate of the key',
  'address-rate-exceeded': 'Over the rate of the address',
  'scope-missing': 'Permission missing',
  'scope-unconfirmed': 'Withdrawals not confirmed by mail',
  'scope-elevated': 'Elevated permission not granted',
  'wallets-first': 'Wallets must be called first',
  'sandbox-first': 'A sandbox order must come first',
  'cooling-off': 'Cooling off',
  'upstream-down': 'Exchange did not answer',
  'token-invalid': 'Token invalid or ended',
  'refusals-exceeded': 'Refused too often',
};

export function verdictWords(verdict: string): string {
  return VERDICTS[verdict] ?? verdict;
}

/** "0.84 ms", "12.3 ms", "1,204 ms" */
export function latency(us: number): string {
  const ms = us / 1000;
  const digits = ms < 10 ? 2 : ms < 100 ? 1 : 0;
  return `${ms.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ms`;
}

/** What a date input holds is in the user's zone; the API wants UTC.  Empty stays empty. */
export function utcOfInput(local: string): string {
  const at = Date.parse(local);
  return local === '' || Number.isNaN(at) ? '' : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
