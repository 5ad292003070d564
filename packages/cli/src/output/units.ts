/** Bytes, durations, counts and times for people. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1234567` as `1,234,567`. */
export function count(value: number): string {
  return whole.format(value);
}

/** `1` and `file` as `1 file`, `2` and `file` as `2 files`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

const byteUnits = ['kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes in decimal units, three digits at least: `999 B`, `1.5 kB`, `200.0 MB`. */
export function bytes(value: number): string {
  if (value < 1000) {
    return `${Math.round(value)} B`;
  }
  let scaled = value / 1000;
  let unit = 0;
  // 999.95 would be printed as 1000.0, so it moves on to the next unit.
  while (scaled >= 999.95 && unit < byteUnits.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${scaled.toFixed(1)} ${byteUnits[unit]}`;
}

/** Bytes per second; empty when no time has passed. */
export function rate(byteCount: number, milliseconds: number): string {
  return milliseconds <= 0 ? '' : `${bytes((byteCount * 1000) / milliseconds)}/s`;
}

/** Milliseconds as `0.21 s`, `12.3 s`, `3 min 05 s`, `2 h 07 min`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.995) {
    return `${seconds.toFixed(2)} s`;
  }
  if (seconds < 59.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const rounded = Math.round(seconds);
  if (rounded < 3600) {
    return `${Math.floor(rounded / 60)} min ${twoDigits(rounded % 60)} s`;
  }
  const minutes = Math.round(rounded / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** Time left, as a clock: `0:07`, `12:30`, `1:02:30`. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = `${hours > 0 ? twoDigits(minutes) : minutes}:${twoDigits(seconds % 60)}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** RFC 3339 text as local `2026-11-20 14:03`; text that is no time is returned as it is. */
export function localTime(text: string | undefined): string {
  if (text === undefined) {
    return '';
  }
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) {
    return text;
  }
  const day = `${time.getFullYear()}-${twoDigits(time.getMonth() + 1)}-${twoDigits(time.getDate())}`;
  return `${day} ${twoDigits(time.getHours())}:${twoDigits(time.getMinutes())}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
