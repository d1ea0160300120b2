// market/chart.tsx: candles of one market; the library comes when the page does
import type { CandlestickData, IChartApi, ISeriesApi, UTCTimestamp } from 'lightweight-charts';
import { useEffect, useRef } from 'preact/hooks';
import type { Candle } from './feed';

/** What the page gives to the chart, without rendering anything anew. */
export interface ChartInput {
  take: (rows: Candle[], anew: boolean) => void;
}

const bar = (c: Candle): CandlestickData<UTCTimestamp> =>
  ({ time: (c.ms / 1000) as UTCTimestamp, open: c.open, high: c.high, low: c.low, close: c.close });

function colours(): Record<string, string> {
  const style = getComputedStyle(document.documentElement);
  const named = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return { card: named('card'), soft: named('soft'), line: named('line'), good: named('good'), bad: named('bad') };
}

export function Chart(props: { input: { current: ChartInput | null }; symbol: string; words: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    let chart: IChartApi | undefined;
    let series: ISeriesApi<'Candlestick'> | undefined;
    let kept: Candle[] = [];
    let gone = false;
    props.input.current = {
      take: (rows, anew) => {
        kept = anew ? rows : [...kept.filter((k) => k.ms < (rows[0]?.ms ?? 0)), ...rows];
        if (anew) {
          series?.setData(kept.map(bar));
          chart?.timeScale().fitContent();
        } else rows.forEach((row) => series?.update(bar(row)));
      },
    };
    const paint = () => {
      const c = colours();
      chart?.applyOptions({
        layout: { background: { color: c.card ?? '' }, textColor: c.soft ?? '' },
        grid: { vertLines: { color: c.line ?? '' }, horzLines: { color: c.line ?? '' } },
        timeScale: { borderColor: c.line ?? '', timeVisible: true },
        rightPriceScale: { borderColor: c.line ?? '' },
      });
      series?.applyOptions({
        upColor: c.good ?? '', wickUpColor: c.good ?? '', downColor: c.bad ?? '', wickDownColor: c.bad ?? '', borderVisible: false,
      });
    };
    void import('lightweight-charts').then(({ createChart, CandlestickSeries }) => {
      if (gone || !place.current) return;
      // The credit stands below the chart: the library's own would need an inline style.
      chart = createChart(place.current, { autoSize: true, layout: { attributionLogo: false } });
      series = chart.addSeries(CandlestickSeries);
      paint();
      series.setData(kept.map(bar));
      chart.timeScale().fitContent();
      dark.addEventListener('change', paint);
    });
    return () => {
      gone = true;
      props.input.current = null;
      dark.removeEventListener('change', paint);
      chart?.remove();
    };
  }, []);
  return (
    <figure class="market-chart">
      <div ref={place} class="market-canvas" role="img" aria-label={props.words} />
      <figcaption class="muted small">
        Drawn by <a href="https://www.tradingview.com/" rel="noreferrer">TradingView</a>’s lightweight-charts
      </figcaption>
    </figure>
  );
}
