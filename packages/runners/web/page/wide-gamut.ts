/** Red and green of sRGB as profiles have them, relative to D50: X, Y, Z (IEC 61966-2-1, adapted by Bradford's matrix). */
const SRGB = { rXYZ: [0.4361, 0.2225, 0.0139], gXYZ: [0.3851, 0.7169, 0.0971] } as const;

/** Profiles of sRGB differ from each other by less. */
const TOLERANCE = 0.01;

/** Whether an ICC profile (ICC.1:2022) is one of RGB with other red or green than sRGB: Display P3, Adobe RGB and the like. */
export function isWideGamut(profile: Uint8Array): boolean {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
  try {
    if (textAt(view, 16) !== 'RGB ') return false;
    const count = Math.min(view.getUint32(128), 100);
    for (let i = 0, at = 132; i < count; i++, at += 12) {
      const name = textAt(view, at);
      if (name !== 'rXYZ' && name !== 'gXYZ') continue;
      const place = view.getUint32(at + 4) + 8; // after the type and four zeros
      const isOther = SRGB[name].some(
        (value, k) => Math.abs(view.getInt32(place + 4 * k) / 65_536 - value) > TOLERANCE,
      );
      if (isOther) return true;
    }
  } catch {
    // a place outside: the profile is damaged
  }
  return false;
}

function textAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}
