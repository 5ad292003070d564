/** Where prices come from. */
import { resolve } from 'node:path';
import { Option } from 'commander';

/** What {@link pricesOption} gives a command. */
export interface PricesOptions {
  prices?: string;
}

/** `--prices FILE`, or the variable `HAN_PRICES`. */
export function pricesOption(): Option {
  return new Option('--prices <file>', 'prices that go before the built-in ones (JSON)').env('HAN_PRICES');
}

/** The option as the client takes it; an empty variable names no file. */
export function pricesPath({ prices }: PricesOptions): { pricesPath?: string } {
  return prices === undefined || prices === '' ? {} : { pricesPath: resolve(prices) };
}
