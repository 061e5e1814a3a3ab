/** What operators watch: metrics for Prometheus, and a dashboard that is a view. */
export { createMetrics } from './adapters/node/metrics.ts'
export { metricsContentType } from './metrics/exposition.ts'
export type { Metrics, MetricsOptions, MetricsSnapshot, MetricsSource, ViewSnapshot } from './metrics/metrics.ts'
export type { DashboardLabels } from './metrics/dashboard-labels.ts'
export { createDashboard, type DashboardOptions } from './metrics/dashboard.ts'
export type { ProcessStats } from './metrics/process-probe.ts'
export type { PubSubSnapshot } from './metrics/pubsub-counts.ts'
