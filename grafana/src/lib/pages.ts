// Pages that the dashboards link to, as a browser on this machine reaches them.

/** slo-dashboard: scenarios, topology, objectives, and the runbooks. */
export const page = 'http://127.0.0.1:3100';
export const queueUI = 'http://127.0.0.1:8081';
export const alertmanager = 'http://127.0.0.1:9093';
