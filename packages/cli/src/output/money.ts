/** Money for people. */

const cents = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** US dollars: `$0.00`, `<$0.01`, `$12.34`, `$1,235`. */
export function dollars(value: number): string {
  if (value > 0 && value < 0.005) {
    return '<$0.01';
  }
  return `$${value < 999.995 ? cents.format(value) : whole.format(value)}`;
}
