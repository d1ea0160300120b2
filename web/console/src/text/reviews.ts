// text/reviews.ts: what operators decide about, in words; pure
import type { Review, ReviewKind } from '../types';

export const REVIEW_KINDS: Record<ReviewKind, string> = {
  document: 'Verification',
  location: 'Location',
  elevation: 'Elevated permission',
  flag: 'Flag',
  approval: 'Signatories',
  factor: 'Lost factor',
};

/** What accepting and rejecting will do: said before it is done. */
export const CONSEQUENCES: Record<ReviewKind, { accepted: string; rejected: string }> = {
  document: {
    accepted: 'The step counts as verified. Once all steps are, the account may make keys.',
    rejected: 'The step counts as rejected. The owner reads your reason and may hand in other documents.',
  },
  location: {
    accepted: 'The key is active at once, unless something else holds it.',
    rejected: 'The key is revoked for good. The owner reads your reason.',
  },
  elevation: {
    accepted: 'The key gets the permissions asked for, until they end by themselves.',
    rejected: 'The key stays as it is. The owner reads your reason.',
  },
  flag: {
    accepted: 'The flag is set or lifted as proposed, with what it does to the keys.',
    rejected: 'Nothing changes: the proposal ends.',
  },
  approval: {
    accepted: 'The signatories decide about this.',
    rejected: 'The signatories decide about this.',
  },
  factor: {
    accepted: 'The factor is removed and all sessions of the account end. With its last factor gone, the password alone lets its owner in, to set up another one.',
    rejected: 'Nothing changes: the proposal ends.',
  },
};

const DETAILS: Record<string, string> = {
  step: 'Step',
  words: 'Document',
  scopes: 'Permissions asked for',
  reason: 'Reason given',
  action: 'Proposal',
  kind: 'Kind',
  keys: 'Existing keys',
  country: 'Country of the caller',
  jurisdiction: 'Country of the account',
  address: 'Address of the caller',
  needed: 'Approvals needed',
  listed: 'Signatories listed',
  operation: 'Asked for',
  factor: 'Factor',
  name: 'Called',
};

/** The evidence that the rule wrote down, as names and texts; newer names show as they are. */
export function detailRows(detail: Record<string, unknown>): { name: string; text: string }[] {
  return Object.entries(detail).map(([key, value]) => ({
    name: DETAILS[key] ?? key.charAt(0).toUpperCase() + key.slice(1).replaceAll('_', ' '),
    text: value === null || value === '' ? 'unknown'
      : Array.isArray(value) ? value.map(String).join(', ')
      : typeof value === 'object' ? JSON.stringify(value) : String(value),
  }));
}

/** What it is about, in one line. */
export function reviewSubject(review: Pick<Review, 'kind' | 'detail' | 'key'>): string {
  const { kind, detail, key } = review;
  if (kind === 'document') return String(detail.words ?? detail.step ?? 'document');
  if (kind === 'flag') return detail.action === 'unflag' ? 'Lift the flag' : 'Set a flag';
  if (kind === 'factor') return `Remove ${detail.name}`;
  if (kind === 'elevation') return String(detail.scopes ?? key?.label ?? 'permissions');
  return key ? `Key “${key.label}”` : REVIEW_KINDS[kind];
}
