/** `SCHEME://NAME:PASSWORD@`, also where characters stand in it that an address must encode. */
const WITH_SCHEME = /([a-z][\w+.-]*:\/\/)([^\n]*)@/gi;
/** `NAME:PASSWORD@` */
const WITHOUT_SCHEME = /(?<=^|[\s"'`{[(,=])([^\s"'`{[(,=:/]+:(?!\/\/)[^\s"'`@]*)@/gm;

/**
 * A text in which the credentials of addresses are masked, one `*` a character, so that all else stays where it was. It masks too much rather than
 * too little.
 */
export function hideCredentials(text: string): string {
  return text
    .replace(WITH_SCHEME, (_, scheme: string, secret: string) => `${scheme}${'*'.repeat(secret.length)}@`)
    .replace(WITHOUT_SCHEME, (_, secret: string) => `${'*'.repeat(secret.length)}@`);
}
