import type { Column } from '@dualprior/blocks';
import { html } from '../../report/page/html.ts';
import type { Section } from '../../report/page/section.ts';
import { foldable } from './foldable.ts';
import { claimsList } from '../../report/page/seeds-section.ts';
import type { ClaimOverSeeds } from '../../report/seeds/claims-over-seeds.ts';

/** How the claims of a variant stand in the runs of all its seeds. */
export interface VariantClaims {
  readonly variant: string;
  readonly claims: readonly ClaimOverSeeds[];
}

/** The claims of each variant, a line each. */
export function claimsSection(all: readonly VariantClaims[], columns: readonly Column[]): Section | undefined {
  if (all.length === 0) return undefined;
  const body = all.map(({ variant, claims }, i) => {
    const content = html`<summary>${variant}</summary>
      ${claimsList(claims, columns)}`;
    return foldable(content, i === 0);
  });
  return { id: 'claims', title: 'Claims over seeds', body: html`${body}` };
}
