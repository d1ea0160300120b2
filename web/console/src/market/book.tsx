// market/book.tsx: who stands where, and what was traded last
import type { Level, Trade } from './feed';

const SHOWN = 12;
const SHOWN_TRADES = 16;

export const price = (n: number) => (n === 0 ? '–' : n.toLocaleString('en', { maximumSignificantDigits: 7 }));
export const amount = (n: number) => Math.abs(n).toLocaleString('en', { maximumFractionDigits: 4 });

/** Bars say how much stands there: a level's part of the largest one, in steps of five hundredths. */
function Side(props: { levels: Level[]; most: number; kind: 'bid' | 'ask'; name: string }) {
  return (
    <table class={`ladder ${props.kind}`}>
      <caption class="hidden">{props.name}</caption>
      <thead class="hidden"><tr><th scope="col">Price</th><th scope="col">Amount</th></tr></thead>
      <tbody>
        {props.levels.map((l) => (
          <tr key={l.price} data-bar={Math.max(1, Math.round((l.amount / props.most) * 20))}>
            <th scope="row">{price(l.price)}</th><td>{amount(l.amount)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function BookView(props: { bids: Level[]; asks: Level[] }) {
  const bids = props.bids.slice(0, SHOWN), asks = props.asks.slice(0, SHOWN);
  const most = Math.max(...bids.map((l) => l.amount), ...asks.map((l) => l.amount), 1e-8);
  const [bid, ask] = [bids[0]?.price, asks[0]?.price];
  return (
    <>
      <Side levels={[...asks].reverse()} most={most} kind="ask" name="Sellers, the best one last" />
      <p class="spread muted small">
        {bid !== undefined && ask !== undefined ? `Spread ${price(ask - bid)}` : 'Nobody is on one of the sides'}
      </p>
      <Side levels={bids} most={most} kind="bid" name="Buyers, the best one first" />
    </>
  );
}

export function TradesView(props: { trades: Trade[] }) {
  return (
    <table class="ladder">
      <caption class="hidden">Latest trades</caption>
      <thead class="hidden"><tr><th scope="col">Price</th><th scope="col">Amount</th><th scope="col">Time</th></tr></thead>
      <tbody>
        {props.trades.slice(0, SHOWN_TRADES).map((t) => (
          <tr key={t.id} class={t.amount > 0 ? 'up' : 'down'}>
            <th scope="row">{price(t.price)}<span class="hidden">{t.amount > 0 ? ' bought' : ' sold'}</span></th>
            <td>{amount(t.amount)}</td>
            <td class="muted">{new Date(t.ms).toLocaleTimeString('en-GB', { timeZone: 'UTC' })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
