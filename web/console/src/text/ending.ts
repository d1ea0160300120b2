// text/ending.ts: whether a key ends soon by itself, and what to do about it; pure
import { span } from './time';

const SOON_MS = 14 * 24 * 3600 * 1000; // the first of the authority's own warnings

export function endingWords(
  key: { ends_at: string | null; expires_if_unused_at: string | null }, now: number,
): string | null {
  const left = (at: string | null) => (at === null ? Infinity : Date.parse(at) - now);
  const end = left(key.ends_at);
  const unused = left(key.expires_if_unused_at);
  if (Math.min(end, unused) > SOON_MS) return null;
  return end <= unused
    ? `The key ends in ${span(end)}. Rotate it, or create a new one, before programs that use it stop.`
    : `The key ends in ${span(unused)} unless it is used: a single request with it is enough.`;
}
