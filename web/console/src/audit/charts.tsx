// audit/charts.tsx: latency and statuses over time, each with a table of the same numbers
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../api';
import { Alert } from '../components/alert';
import { SelectField } from '../components/field';
import { Empty, Failed, Loading, Section } from '../components/page';
import { Table, type Column } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import { latency } from '../text/verdicts';
import type { Chart, ChartPoint } from '../types';
import { asked, type Filter } from './filters';
import type { Plot } from './plot';

const POINTS = 60;
const SPANS: Record<string, [number, string]> = {
  hour: [3600, 'Last hour'],
  day: [86400, 'Last 24 hours'],
  week: [7 * 86400, 'Last 7 days'],
  month: [30 * 86400, 'Last 30 days'],
};

function Picture(props: { plot: Plot }) {
  const place = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let end: (() => void) | undefined;
    let gone = false;
    import('./plot').then(
      ({ draw }) => {
        if (!gone && place.current) end = draw(place.current, props.plot);
      },
      () => setFailed(true),
    );
    return () => {
      gone = true;
      end?.();
    };
  }, [props.plot]);
  // The table below says the same to whoever cannot see the picture.
  return failed
    ? <Alert kind="warning" quiet><p>The chart could not be loaded; the numbers are below.</p></Alert>
    : <div ref={place} class="plot" aria-hidden="true" />;
}

function Numbers(props: { caption: string; points: ChartPoint[]; columns: Column<ChartPoint>[] }) {
  return (
    <details class="numbers">
      <summary>{props.caption} as a table</summary>
      <Table caption={props.caption} rows={props.points} rowKey={(p) => p.at} columns={[
        { name: 'From', heads: true, cell: (p) => <Time at={p.at} seconds={false} /> }, ...props.columns]} />
    </details>
  );
}

const ms = (us: number) => Math.round(us / 10) / 100;

function plots(points: ChartPoint[]): { statuses: Plot; latencies: Plot } {
  const at_s = points.map((p) => Date.parse(p.at) / 1000);
  // Nobody asked, so there is no latency: a gap, not a zero.
  const timed = (value: (p: ChartPoint) => number) => points.map((p) => p.requests > 0 ? ms(value(p)) : null);
  return {
    statuses: { at_s, unit: '', lines: [
      { name: 'Requests', colour: '--accent', values: points.map((p) => p.requests) },
      { name: 'Refused', colour: '--wait', dash: [8, 4], values: points.map((p) => p.refused) },
      { name: 'Server errors', colour: '--bad', dash: [2, 3], values: points.map((p) => p.server_errors) },
    ] },
    latencies: { at_s, unit: ' ms', lines: [
      { name: 'Half are faster than', colour: '--accent', values: timed((p) => p.p50_us) },
      { name: '99 of 100 are faster than', colour: '--wait', dash: [8, 4], values: timed((p) => p.p99_us) },
    ] },
  };
}

function Pictures({ points }: { points: ChartPoint[] }) {
  const [drawn, setDrawn] = useState(() => plots(points));
  useEffect(() => setDrawn(plots(points)), [points]);
  const number = (n: number) => n.toLocaleString();
  return (
    <>
      {points.some((p) => p.estimated) && (
        <p class="muted small">Where there was much traffic, the numbers are told from a sample of it.</p>
      )}
      <h3>Statuses</h3>
      <Picture plot={drawn.statuses} />
      <Numbers caption="Statuses" points={points} columns={[
        { name: 'Requests', number: true, cell: (p) => number(p.requests) },
        { name: 'Refused', number: true, cell: (p) => number(p.refused) },
        { name: 'Server errors', number: true, cell: (p) => number(p.server_errors) },
      ]} />
      <h3>Latency</h3>
      <Picture plot={drawn.latencies} />
      <Numbers caption="Latency" points={points} columns={[
        { name: 'Half are faster than', number: true, cell: (p) => p.requests > 0 ? latency(p.p50_us) : 'none' },
        { name: '99 of 100 are faster than', number: true, cell: (p) => p.requests > 0 ? latency(p.p99_us) : 'none' },
      ]} />
    </>
  );
}

/** Of what the filter lets through; its own span of time unless the filter names one. */
export function Charts(props: { base: string; filter: Filter }) {
  const [span, setSpan] = useState('day');
  const own = props.filter.since === '' && props.filter.until === '';
  const chart = useLoad((signal) => {
    const query = asked(props.filter);
    const [s] = SPANS[span] ?? [86400];
    if (own) query.since = new Date(Date.now() - s * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    return get<Chart>(`${props.base}/audit/chart`, { ...query, points: POINTS }, signal);
  }, [props.base, props.filter, span]);
  const points = chart.data?.points ?? [];
  const none = chart.data && points.every((p) => p.requests === 0);
  return (
    <Section title="Charts" class="charts">
      {own && (
        <div class="form-narrow">
          <SelectField label="Time" value={span} onInput={setSpan}
            options={Object.entries(SPANS).map(([value, [, text]]) => ({ value, text }))} />
        </div>
      )}
      {chart.error ? <Failed error={chart.error} again={chart.reload} /> : null}
      {!chart.data && !chart.error && <Loading what="the charts" />}
      {none && <Empty title="No requests in this time" />}
      {chart.data && !none && <Pictures points={points} />}
    </Section>
  );
}
