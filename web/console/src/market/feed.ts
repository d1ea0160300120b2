// market/feed.ts: one market of the sandbox as it moves, from the public channels of its WebSocket
//
// Source: reference of the venue's WebSocket API, 6: messages are arrays whose places have a meaning.

export type Frame = '1m' | '15m' | '1h' | '1D';
export const FRAMES: Frame[] = ['1m', '15m', '1h', '1D'];

export interface Candle {
  ms: number;
  open: number;
  close: number;
  high: number;
  low: number;
  volume: number;
}
export interface Level {
  price: number;
  amount: number; // > 0
}
export interface Trade {
  id: number;
  ms: number;
  amount: number; // > 0: the taker bought
  price: number;
}
export interface Ticker {
  last: number;
  change: number; // a fraction, of the day
  high: number;
  low: number;
  volume: number;
}

export interface Listener {
  live: (is: boolean) => void;
  candles: (rows: Candle[], anew: boolean) => void; // oldest first
  book: (bids: Level[], asks: Level[]) => void; // best first
  trades: (rows: Trade[]) => void; // newest first
  ticker: (ticker: Ticker) => void;
}

const LEVELS = 25;
const TRADES_KEPT = 30;
const WAIT_MOST_MS = 15_000;
/** The venue says something on each channel every 15 seconds, if only "hb". */
const SILENCE_MS = 35_000;

type Row = number[];
const isRows = (value: unknown): value is Row[] => Array.isArray(value) && (value.length === 0 || Array.isArray(value[0]));

/** The levels of a P0 book: a count of 0 takes one away, the sign of the amount tells the side. */
export class Book {
  private readonly sides = [new Map<number, number>(), new Map<number, number>()];

  take(row: Row): void {
    const [price = 0, count = 0, amount = 0] = row;
    const side = this.sides[amount > 0 ? 1 : 0];
    if (count > 0) side?.set(price, Math.abs(amount));
    else side?.delete(price);
  }

  side(bids: boolean): Level[] {
    return [...(this.sides[bids ? 1 : 0] ?? [])].map(([price, amount]) => ({ price, amount }))
      .sort((a, b) => (bids ? b.price - a.price : a.price - b.price)).slice(0, LEVELS);
  }
}

export function candleOf(row: Row): Candle {
  const [ms = 0, open = 0, close = 0, high = 0, low = 0, volume = 0] = row;
  return { ms, open, close, high, low, volume };
}

export function tickerOf(row: Row): Ticker {
  return { change: row[5] ?? 0, last: row[6] ?? 0, volume: row[7] ?? 0, high: row[8] ?? 0, low: row[9] ?? 0 };
}

function tradeOf(row: Row): Trade {
  const [id = 0, ms = 0, amount = 0, price = 0] = row;
  return { id, ms, amount, price };
}

/** Listens until the function that it returns is called; comes back by itself, ever more slowly. */
export function openFeed(symbol: string, frame: Frame, listener: Listener): () => void {
  let socket: WebSocket | undefined;
  let waitMs = 500;
  let timer = 0;
  let silence = 0;
  let painted = 0;
  let over = false;
  const channels = new Map<number, string>();
  let book = new Book();
  let trades: Trade[] = [];

  function told(channel: string, content: unknown, row: unknown): void {
    if (channel === 'candles') {
      if (isRows(content)) listener.candles(content.map(candleOf).reverse(), true);
      else listener.candles([candleOf(content as Row)], false);
    } else if (channel === 'ticker') {
      listener.ticker(tickerOf(content as Row));
    } else if (channel === 'trades') {
      if (isRows(content)) trades = content.map(tradeOf).sort((a, b) => b.id - a.id);
      else if (content === 'te') trades = [tradeOf(row as Row), ...trades];
      else return;
      trades = trades.slice(0, TRADES_KEPT);
      listener.trades(trades);
    } else if (channel === 'book') {
      if (isRows(content)) {
        book = new Book();
        content.forEach((level) => book.take(level));
      } else book.take(content as Row);
      // A book moves more often than a screen is painted.
      painted ||= requestAnimationFrame(() => {
        painted = 0;
        listener.book(book.side(true), book.side(false));
      });
    }
  }

  function hear(text: string): void {
    const said = JSON.parse(text) as unknown;
    clearTimeout(silence);
    silence = window.setTimeout(() => socket?.close(), SILENCE_MS);
    if (Array.isArray(said)) {
      const [channel, content, row] = said as [number, unknown, unknown];
      if (content !== 'hb') told(channels.get(channel) ?? '', content, row);
      return;
    }
    const { event, channel, chanId } = said as { event?: string; channel?: string; chanId?: number };
    if (event !== 'subscribed' || channel === undefined || chanId === undefined) return;
    channels.set(chanId, channel);
    waitMs = 500;
    listener.live(true);
  }

  function connect(): void {
    const address = new URL('./ws/2', location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    address.hash = '';
    channels.clear();
    socket = new WebSocket(address);
    socket.onmessage = (message) => hear(String(message.data));
    socket.onopen = () => {
      for (const ask of [{ channel: 'candles', key: `trade:${frame}:${symbol}` }, { channel: 'ticker', symbol },
        { channel: 'trades', symbol }, { channel: 'book', symbol, prec: 'P0', len: String(LEVELS) }])
        socket?.send(JSON.stringify({ event: 'subscribe', ...ask }));
    };
    socket.onclose = () => {
      clearTimeout(silence);
      if (over) return;
      listener.live(false);
      timer = window.setTimeout(connect, waitMs);
      waitMs = Math.min(waitMs * 2, WAIT_MOST_MS);
    };
  }

  connect();
  return () => {
    over = true;
    clearTimeout(timer);
    clearTimeout(silence);
    cancelAnimationFrame(painted);
    socket?.close();
  };
}
