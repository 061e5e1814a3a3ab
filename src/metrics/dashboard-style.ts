import { css, type ScopedStyle } from '../template/css.ts'

/** In the colours of whatever page it stands in. */
export const style: ScopedStyle = css`
  :scope {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.5rem;
  }
  section {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.75rem;
  }
  h2,
  h3 {
    margin: 0;
    font-size: 1.1rem;
  }
  h3 {
    font-size: 0.95rem;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(max(8.5rem, 30%), 1fr));
    gap: 0.75rem;
    margin: 0;
  }
  dl > div {
    display: grid;
    align-content: start;
    gap: 0.15rem;
    padding: 0.6rem 0.8rem;
    border: 1px solid color-mix(in srgb, currentcolor 22%, transparent);
    border-radius: 0.5rem;
  }
  dt {
    font-size: 0.85rem;
  }
  dd {
    margin: 0;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  svg {
    width: 100%;
    height: 1.75rem;
    /* Of a line that has just begun it shows where it will go. */
    border-bottom: 1px solid color-mix(in srgb, currentcolor 22%, transparent);
  }
  polyline {
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.5;
    stroke-linejoin: round;
    opacity: 0.75;
    vector-effect: non-scaling-stroke;
  }
  .wide {
    overflow-x: auto;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  p,
  caption {
    margin: 0;
    font-size: 0.85rem;
    text-align: start;
  }
  caption {
    padding-bottom: 0.4rem;
  }
  tr {
    border-bottom: 1px solid color-mix(in srgb, currentcolor 22%, transparent);
  }
  th,
  td {
    padding: 0.35rem 0.6rem;
    border: 0;
    font-size: inherit;
    color: inherit;
    text-align: end;
    white-space: nowrap;
  }
  th:first-child {
    text-align: start;
  }
  thead th {
    font-size: 0.85rem;
  }
`
