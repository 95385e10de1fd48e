/** `SCHEME://NAME:PASSWORD@`, from the last character of the scheme, also where characters stand in it that an address must encode. */
const WITH_SCHEME = /([\w+.-]:\/\/)([^\n]*)@/g;
/** `NAME:PASSWORD@` */
const WITHOUT_SCHEME = /(?<=^|[\s"'`{[(,=])([^\s"'`{[(,=:/]+:(?!\/\/)[^\s"'`@]*)@/gm;

/**
 * A text in which the credentials of addresses are masked, one `*` a character, so that all else stays where it was. It masks too much rather than
 * too little.
 */
export function hideCredentials(text: string): string {
  return text
    .replace(WITH_SCHEME, (_, end: string, secret: string) => `${end}${'*'.repeat(secret.length)}@`)
    .replace(WITHOUT_SCHEME, (_, secret: string) => `${'*'.repeat(secret.length)}@`);
}
