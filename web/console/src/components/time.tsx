// components/time.tsx: moments in the user's zone, UTC on hover; spans that count down
import { signal } from '@preact/signals';
import { moment, momentUtc, span, ago } from '../text/time';

/** The time, a second fresh; one timer for all that is shown. */
export const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);
document.addEventListener('visibilitychange', () => {
  now.value = Date.now();
});

/** `relative`: "3 minutes ago", with the moment on hover. */
export function Time(props: { at: string; relative?: boolean; seconds?: boolean }) {
  const at = Date.parse(props.at);
  if (Number.isNaN(at)) return <span>{props.at}</span>;
  const local = moment(at, props.seconds);
  const utc = momentUtc(at);
  return (
    <time dateTime={props.at} title={props.relative ? `${local} (${utc})` : utc}>
      {props.relative ? ago(at, now.value) : local}
    </time>
  );
}

/** "71 h 59 min" until a moment; "now" when it has come. */
export function TimeLeft(props: { until: string }) {
  const at = Date.parse(props.until);
  const left = at - now.value;
  return (
    <time dateTime={props.until} title={`${moment(at)} (${momentUtc(at)})`} class="ticking">
      {left > 0 ? span(left) : 'now'}
    </time>
  );
}
