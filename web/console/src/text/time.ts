// text/time.ts: moments and spans as people read them; pure

const MIN = 60_000, HOUR = 60 * MIN, DAY = 24 * HOUR;

export function moment(at: number, seconds = true, zone?: string): string {
  return new Intl.DateTimeFormat(undefined, {
    dateStyle: 'medium',
    timeStyle: seconds ? 'medium' : 'short',
    ...(zone ? { timeZone: zone } : {}),
  }).format(at);
}

/** "2026-11-23 07:34:28 UTC" */
export function momentUtc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** "2 d 3 h", "5 h 10 min", "4 min 05 s": two units, so that one sees it move. */
export function span(ms: number): string {
  if (ms >= DAY) return `${Math.floor(ms / DAY)} d ${Math.floor((ms % DAY) / HOUR)} h`;
  if (ms >= HOUR) return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MIN)} min`;
  const s = Math.max(0, Math.ceil(ms / 1000));
  return s >= 60 ? `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s` : `${s} s`;
}

/** "just now", "3 minutes ago", "in 2 days" */
export function ago(at: number, now: number): string {
  const past = now - at;
  const size = Math.abs(past);
  // A server's clock may be a little ahead of this machine's.
  if (size < MIN) return past > -5000 ? 'just now' : 'in less than a minute';
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
  const sign = past > 0 ? -1 : 1;
  if (size < HOUR) return format.format(sign * Math.floor(size / MIN), 'minute');
  if (size < DAY) return format.format(sign * Math.floor(size / HOUR), 'hour');
  if (size < 60 * DAY) return format.format(sign * Math.floor(size / DAY), 'day');
  return format.format(sign * Math.floor(size / (30 * DAY)), 'month');
}
