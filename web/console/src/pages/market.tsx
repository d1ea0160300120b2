// pages/market.tsx: the sandbox's market: candles, book, trades, own orders and wallets, control panel
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get } from '../api';
import { Badge } from '../components/badge';
import { SelectField } from '../components/field';
import { Empty, Failed, Loading, PageHead, Section } from '../components/page';
import { useLoad } from '../load';
import { BookView, TradesView, price } from '../market/book';
import { Chart, type ChartInput } from '../market/chart';
import { Control } from '../market/control';
import { FRAMES, openFeed, type Frame, type Level, type Ticker, type Trade } from '../market/feed';
import { Orders, Ticket, Wallets } from '../market/ticket';
import type { Sandbox, SandboxOrder, SandboxWallet } from '../types';

/** Bots trade on the same account, and others bend the same market. */
const LOOK_AGAIN_MS = 2_500;

function useRepeated(reloads: (() => void)[]): void {
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) reloads.forEach((reload) => reload()); }, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
}

interface Seen {
  live: boolean;
  bids: Level[];
  asks: Level[];
  trades: Trade[];
  ticker: Ticker | null;
}
const NOTHING: Seen = { live: false, bids: [], asks: [], trades: [], ticker: null };

function useFeed(symbol: string, frame: Frame, chart: { current: ChartInput | null }): Seen {
  const [seen, setSeen] = useState(NOTHING);
  useEffect(() => {
    setSeen(NOTHING);
    return openFeed(symbol, frame, {
      live: (live) => setSeen((s) => ({ ...s, live })),
      candles: (rows, anew) => chart.current?.take(rows, anew),
      book: (bids, asks) => setSeen((s) => ({ ...s, bids, asks })),
      trades: (trades) => setSeen((s) => ({ ...s, trades })),
      ticker: (ticker) => setSeen((s) => ({ ...s, ticker })),
    });
  }, [symbol, frame]);
  return seen;
}

function Headline(props: { seen: Seen }) {
  const { ticker, live } = props.seen;
  return (
    <p class="headline" aria-live="off">
      <Badge tone={live ? 'good' : 'wait'}>{live ? 'Live' : 'Not live: connecting'}</Badge>
      {ticker && (
        <>
          <strong class="last">{price(ticker.last)}</strong>
          <span class={ticker.change < 0 ? 'down' : 'up'}>{ticker.change < 0 ? '−' : '+'}{Math.abs(ticker.change * 100).toFixed(2)} %</span>
          <span class="muted">day {price(ticker.low)} to {price(ticker.high)}</span>
        </>
      )}
    </p>
  );
}

function Market(props: { sandbox: Sandbox; changed: (sandbox: Sandbox) => void }) {
  const { markets } = props.sandbox;
  const [symbol, setSymbol] = useState(markets[0]?.symbol ?? '');
  const [frame, setFrame] = useState<Frame>('1m');
  const chart = useRef<ChartInput | null>(null);
  const seen = useFeed(symbol, frame, chart);
  const orders = useLoad((signal) => get<{ orders: SandboxOrder[] }>('/sandbox/orders', {}, signal));
  const wallets = useLoad((signal) => get<{ wallets: SandboxWallet[] }>('/sandbox/wallets', {}, signal));
  useRepeated([orders.reload, wallets.reload]);
  const again = () => { orders.reload(); wallets.reload(); };
  const market = markets.find((m) => m.symbol === symbol) ?? markets[0];
  if (!market) return null;
  return (
    <>
      <div class="filters market-choice" role="group" aria-label="What is shown">
        <SelectField label="Market" value={symbol} onInput={setSymbol} options={markets.map((m) => ({ value: m.symbol, text: `${m.base} / ${m.quote}` }))} />
        <SelectField label="Candles of" value={frame} onInput={(f) => setFrame(f as Frame)} options={FRAMES.map((f) => ({ value: f, text: f }))} />
        <Headline seen={seen} />
      </div>
      <div class="market">
        <section class="card chart-card" aria-label="Prices">
          <Chart input={chart} symbol={symbol} words={`Candles of ${market.base} in ${market.quote}, ${frame} each`} />
        </section>
        <Section title="Book" class="book-card"><BookView bids={seen.bids} asks={seen.asks} /></Section>
        <Section title="Trades" class="trades-card"><TradesView trades={seen.trades} /></Section>
        <Section title="Order" class="ticket-card"><Ticket market={market} last={seen.ticker?.last ?? 0} done={again} /></Section>
        <Section title="Own orders" class="orders-card">
          {orders.error ? <Failed error={orders.error} again={orders.reload} /> : <Orders orders={orders.data?.orders ?? []} done={again} />}
        </Section>
        <Section title="Wallets" class="wallets-card">
          {wallets.error ? <Failed error={wallets.error} again={wallets.reload} /> : <Wallets wallets={wallets.data?.wallets ?? []} />}
        </Section>
        <Section title="Control panel" class="control-card" lead="Only this sandbox: what you do here never reaches the live venue.">
          <Control sandbox={props.sandbox} symbol={symbol} done={props.changed} />
        </Section>
      </div>
    </>
  );
}

export default function MarketPage() {
  const sandbox = useLoad((signal) => get<Sandbox>('/sandbox', {}, signal));
  useRepeated([sandbox.reload]);
  const none = sandbox.error instanceof ApiError && sandbox.error.has('sandbox-none');
  return (
    <>
      <PageHead title="Sandbox market" trail={[{ title: 'Account' }, { title: 'Sandbox' }]}
        lead="The exchange that your sandbox keys trade on: play money, simulated traders, and a clock that you can stop." />
      {none && <Empty title="No sandbox here"><p>This venue has none, or does not show it in its console.</p></Empty>}
      {sandbox.error && !none && !sandbox.data ? <Failed error={sandbox.error} again={sandbox.reload} /> : null}
      {!sandbox.data && !sandbox.error && <Loading what="the sandbox" />}
      {sandbox.data && <Market sandbox={sandbox.data} changed={sandbox.set} />}
    </>
  );
}
