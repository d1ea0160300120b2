// components/leak.tsx: where a key was found in public, and what was done with it since
//
// Places and excerpts come from strangers: they are shown as text, never as links.
import type { ComponentChildren } from 'preact';
import { CHANNELS, placeRows } from '../text/leaks';
import type { Leak } from '../types';
import { Table } from './table';
import { Time } from './time';

export function LeakPlaces(props: { leak: Leak }) {
  const places = props.leak.places.map((place, number) => ({ ...place, number }));
  return (
    <Table caption="Places" rows={places} rowKey={(p) => String(p.number)} columns={[
      { name: 'Found by', heads: true, cell: (p) => <>{CHANNELS[p.channel]}{p.origin && <span class="muted small block">{p.origin}</span>}</> },
      { name: 'Where', cell: (p) => (
        <div>
          {placeRows(p.place).map(([name, value]) => <span key={name} class="block">{name}: <code>{value}</code></span>)}
          {placeRows(p.details).map(([name, value]) => <span key={name} class="muted small block">{name}: <code>{value}</code></span>)}
          {p.excerpt && <code class="muted small block">{p.excerpt}</code>}
        </div>
      ) },
      { name: 'When', cell: (p) => <><Time at={p.found_at} />{p.seen_at && <span class="muted small block">seen there <Time at={p.seen_at} /></span>}</> },
    ]} />
  );
}

/** `children`: rows above its own. */
export function LeakFacts(props: { leak: Leak; children?: ComponentChildren }) {
  const { use_since: use, found_at, lifted_at, sightings } = props.leak;
  const least = use.more ? 'at least ' : '';
  return (
    <dl class="facts">
      {props.children}
      <dt>Found</dt><dd><Time at={found_at} />{sightings > 1 && <>, and {(sightings - 1).toLocaleString()} times more</>}</dd>
      {lifted_at && <><dt>Suspension lifted</dt><dd><Time at={lifted_at} /></dd></>}
      <dt>Requests since</dt><dd>{least}{use.passed.toLocaleString()} passed, {least}{use.refused.toLocaleString()} refused</dd>
      {use.last_at && <><dt>The last of them</dt><dd><Time at={use.last_at} /></dd></>}
      {use.addresses.length > 0 && <><dt>From</dt><dd>{use.addresses.map((a) => <code key={a} class="block">{a}</code>)}</dd></>}
    </dl>
  );
}
