// text/events.ts: what owners hear of, in words; pure

const EVENTS: Record<string, string> = {
  'key.created': 'Key created',
  'key.confirmed': 'Withdrawals confirmed',
  'key.revoked': 'Key revoked',
  'key.suspended': 'Key suspended',
  'key.restored': 'Key active again',
  'key.expiring': 'Key ends soon',
  'key.expired': 'Key has ended',
  'key.rotated': 'Key rotated',
  'key.changed': 'Key changed',
  'key.plaintext': 'Key used unencrypted',
  'key.leak': 'Key found in public',
  'review.opened': 'Review opened',
  'review.decided': 'Review decided',
  login: 'Log-in',
  'login.failed': 'Failed log-in',
  'login.new': 'Log-in from a new place',
  'factor.changed': 'Second factor changed',
  'password.changed': 'Password changed',
  'password.forgot': 'Password link asked for',
  'account.flagged': 'Account under review',
  'account.unflagged': 'Review of the account ended',
  'account.verified': 'Verification',
  'approval.asked': 'Waiting for signatories',
  'webhook.changed': 'Webhook changed',
  'webhook.test': 'Webhook test',
  'mail.given-up': 'Mail not delivered',
  'link.failed': 'Mailed link refused',
};

/** A kind that is newer than this console shows its own word. */
export function eventWords(kind: string): string {
  return EVENTS[kind] ?? kind;
}
