/** A stretch of time that ends now, as metrics take it: 1, 7 or 30 days. */
export type Period = 'day' | 'week' | 'month';
