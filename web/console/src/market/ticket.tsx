// market/ticket.tsx: an order of one's own, those that stand, and the wallets behind them
import { useState } from 'preact/hooks';
import { ApiError, post, words } from '../api';
import { SelectField, TextField } from '../components/field';
import { Empty } from '../components/page';
import { Table } from '../components/table';
import { toast } from '../components/toast';
import type { SandboxMarket, SandboxOrder, SandboxWallet } from '../types';
import { amount, price } from './book';

const TYPES = ['EXCHANGE LIMIT', 'EXCHANGE MARKET', 'LIMIT', 'MARKET'];
const CONTRACT_TYPES = ['LIMIT', 'MARKET'];
const CONTRACT_WORDS: Record<string, string> = { LIMIT: 'Limit', MARKET: 'Market' };
const TYPE_WORDS: Record<string, string> = {
  'EXCHANGE LIMIT': 'Limit', 'EXCHANGE MARKET': 'Market', LIMIT: 'Limit, on margin', MARKET: 'Market, on margin',
};

export function Ticket(props: { market: SandboxMarket; last: number; done: () => void }) {
  const { base, quote, symbol, contract } = props.market;
  const types = contract ? CONTRACT_TYPES : TYPES;
  const typeWords = contract ? CONTRACT_WORDS : TYPE_WORDS;
  const [chosen, setType] = useState('EXCHANGE LIMIT');
  const type = types.includes(chosen) ? chosen : types[0]!;
  const [size, setSize] = useState('');
  const [at, setAt] = useState('');
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const limited = type.endsWith('LIMIT');
  async function place(sells: boolean): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const order = await post<SandboxOrder>('/sandbox/orders', {
        symbol, type, amount: sells ? `-${size}` : size, ...(limited ? { price: at } : {}),
      });
      toast(`${sells ? 'Sell' : 'Buy'} order ${order.id} was taken.`);
      setSize('');
      props.done();
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      setError(e);
    } finally {
      setBusy(false);
    }
  }
  const ready = size.trim() !== '' && (!limited || at.trim() !== '') && !busy;
  return (
    <form class="ticket" onSubmit={(e) => e.preventDefault()}>
      <SelectField label="Type" value={type} onInput={setType} options={types.map((t) => ({ value: t, text: typeWords[t] ?? t }))} />
      {contract && <p class="hint">Ten times what is behind it. Contracts are paid for in {quote}: move UST to the margin wallet as {quote}.</p>}
      <TextField label={`Amount, ${base}`} value={size} onInput={setSize} inputMode="numeric" autocomplete="off" error={error?.field('amount')} />
      {limited && (
        <TextField label={`Price, ${quote}`} value={at} onInput={setAt} inputMode="numeric" autocomplete="off"
          placeholder={props.last ? String(props.last) : ''} error={error?.field('price')} />
      )}
      {error && error.beside('amount', 'price').map((w) => <p key={w} class="field-error" role="alert">{w}</p>)}
      <div class="actions">
        <button type="submit" class="primary" disabled={!ready} onClick={() => place(false)}>Buy {base}</button>
        <button type="button" class="danger" disabled={!ready} onClick={() => place(true)}>Sell {base}</button>
      </div>
    </form>
  );
}

export function Orders(props: { orders: SandboxOrder[]; done: () => void }) {
  async function cancel(id: number): Promise<void> {
    try {
      await post(`/sandbox/orders/${id}/cancel`);
      toast(`Order ${id} is cancelled.`);
    } catch (e) {
      toast(words(e), 'error');
    }
    props.done();
  }
  if (props.orders.length === 0) return <Empty title="No orders stand"><p>Those of your keys and of this page would.</p></Empty>;
  return (
    <Table caption="Own orders" rows={props.orders} rowKey={(o) => String(o.id)} columns={[
      { name: 'Market', heads: true, cell: (o) => o.symbol.slice(1) },
      { name: 'Type', cell: (o) => `${o.amount_orig > 0 ? 'Buy' : 'Sell'}, ${o.type.toLowerCase()}` },
      { name: 'Amount', number: true, cell: (o) => amount(o.amount) },
      { name: 'Price', number: true, cell: (o) => price(o.price) },
      { name: 'Cancel', silent: true, cell: (o) => <button type="button" class="quiet" aria-label={`Cancel order ${o.id}`} onClick={() => cancel(o.id)}>Cancel</button> },
    ]} />
  );
}

export function Wallets(props: { wallets: SandboxWallet[] }) {
  return (
    <Table caption="Wallets" rows={props.wallets} rowKey={(w) => w.type + w.currency} columns={[
      { name: 'Currency', heads: true, cell: (w) => w.currency },
      { name: 'Wallet', cell: (w) => w.type },
      { name: 'Balance', number: true, cell: (w) => w.balance.toLocaleString('en', { maximumFractionDigits: 8 }) },
      { name: 'Available', number: true, cell: (w) => w.available === null ? '–' : w.available.toLocaleString('en', { maximumFractionDigits: 8 }) },
    ]} />
  );
}
