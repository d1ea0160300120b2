// session.ts: who is logged in here; every page reads it, api.ts empties it when the session ended
import { signal } from '@preact/signals';
import type { Session } from './types';

/** undefined: not asked yet; null: nobody. */
export const session = signal<Session | null | undefined>(undefined);

export function isOperator(): boolean {
  return session.value?.account.role === 'operator';
}

export function hasFactor(s: Session): boolean {
  return s.factors.totp === 'enrolled' || s.factors.passkeys > 0;
}
