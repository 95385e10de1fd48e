import { checkReference } from './testing/check-reference.ts';

checkReference('features');
