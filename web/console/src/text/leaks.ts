// text/leaks.ts: where a key was found in public and what came of it, in words; pure
import type { LeakHead, LeakPlace } from '../types';

export const KINDS: Record<LeakHead['kind'], string> = { secret: 'Secret', key_id: 'Key id' };

export const REACTIONS: Record<LeakHead['reaction'], string> = {
  revoked: 'Key revoked',
  suspended: 'Key suspended',
  notified: 'Owner told',
  ended: 'Key had ended before',
};

export const CHANNELS: Record<LeakPlace['channel'], string> = {
  scan: 'A scan',
  git: 'A git repository',
  npm: 'An npm package',
  web: 'A web page',
  alert: 'An alert of a hosting service',
  self: 'Whoever holds it',
};

/** Names and values of a place, as its finder told them; what is empty tells nothing. */
export function placeRows(place: LeakPlace['place']): [string, string][] {
  return Object.entries(place)
    .map(([name, value]): [string, string] => [name.replaceAll('_', ' '), typeof value === 'string' ? value : JSON.stringify(value)])
    .filter(([, value]) => value !== '' && value !== 'null');
}

/** Only a suspension by a published id can be lifted, and only once. */
export function canLift(leak: LeakHead): boolean {
  return leak.kind === 'key_id' && leak.reaction === 'suspended' && leak.lifted_at === null && leak.key_state === 'suspended';
}
