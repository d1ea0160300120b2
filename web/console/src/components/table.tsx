// components/table.tsx: rows that become cards on a phone; the column's name stands beside each value
import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  name: string;
  cell: (row: Row) => ComponentChildren;
  /** The column that names its row, read out before the others. */
  heads?: boolean;
  /** Numbers stand right. */
  number?: boolean;
  /** The name is for screen readers only: buttons of the row. */
  silent?: boolean;
}

/** `caption` says what the table holds; hidden when a heading shows the same. */
export function Table<Row>(props: {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  showCaption?: boolean;
  busy?: boolean;
}) {
  return (
    <div class="table-frame">
      <table aria-busy={props.busy ?? false}>
        <caption class={props.showCaption ? '' : 'hidden'}>{props.caption}</caption>
        <thead>
          <tr>
            {props.columns.map((c) => (
              <th key={c.name} scope="col" class={c.number ? 'number' : ''}>
                <span class={c.silent ? 'hidden' : ''}>{c.name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.rowKey(row)}>
              {props.columns.map((c) => {
                const cell = { 'data-label': c.silent ? undefined : c.name, class: c.number ? 'number' : '' };
                return c.heads
                  ? <th key={c.name} scope="row" {...cell}>{c.cell(row)}</th>
                  : <td key={c.name} {...cell}>{c.cell(row)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Newer and older pages of a list that is addressed by "before". */
export function Pager(props: { older?: (() => void) | undefined; newer?: (() => void) | undefined; words?: string }) {
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={!props.newer} onClick={props.newer}>Newer</button>
      <span class="muted" aria-live="polite">{props.words}</span>
      <button type="button" disabled={!props.older} onClick={props.older}>Older</button>
    </nav>
  );
}
