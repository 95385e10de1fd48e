const DAY = 86_400;

/** A time for display: `41 s`, `3 min 20 s`, `2 h 05 min`, `9 days 02 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  if (whole >= 5 * DAY) return `${Math.floor(whole / DAY)} days ${pad(Math.floor((whole % DAY) / 3600))} h`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
}

/** The same for a time that something took, which was not none: `less than 1 s`. */
export function elapsed(seconds: number): string {
  return seconds < 1 ? 'less than 1 s' : duration(seconds);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
