import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { halves, splitBatch, type LogBatch } from './batches.ts';

const pair = fc.record({ key: fc.string({ maxLength: 20 }), value: fc.string({ maxLength: 60, unit: 'grapheme' }) });
const metric = fc.record({
  key: fc.string({ maxLength: 20 }),
  value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  timestamp: fc.nat(),
  step: fc.nat(),
});
const batch: fc.Arbitrary<LogBatch> = fc.record({
  metrics: fc.array(metric, { maxLength: 60 }),
  params: fc.array(pair, { maxLength: 30 }),
  tags: fc.array(pair, { maxLength: 30 }),
});
const limits = fc.record({
  metrics: fc.integer({ min: 1, max: 20 }),
  params: fc.integer({ min: 1, max: 20 }),
  tags: fc.integer({ min: 1, max: 20 }),
  entities: fc.integer({ min: 1, max: 20 }),
  bytes: fc.integer({ min: 2000, max: 5000 }),
});

const join = (batches: LogBatch[]): LogBatch => ({
  metrics: batches.flatMap(({ metrics }) => metrics),
  params: batches.flatMap(({ params }) => params),
  tags: batches.flatMap(({ tags }) => tags),
});
const size = ({ metrics, params, tags }: LogBatch) => metrics.length + params.length + tags.length;

describe('splitBatch', () => {
  test('keeps everything in order, within every limit, with no empty batch', () => {
    fc.assert(
      fc.property(batch, limits, (whole, limit) => {
        const batches = splitBatch(whole, limit);
        expect(join(batches)).toEqual(whole);
        for (const each of batches) {
          expect(each.metrics.length).toBeLessThanOrEqual(limit.metrics);
          expect(each.params.length).toBeLessThanOrEqual(limit.params);
          expect(each.tags.length).toBeLessThanOrEqual(limit.tags);
          expect(size(each)).toBeGreaterThan(0);
          expect(size(each)).toBeLessThanOrEqual(limit.entities);
          const body = JSON.stringify({ run_id: 'x'.repeat(64), ...each });
          expect(Buffer.byteLength(body)).toBeLessThanOrEqual(limit.bytes);
        }
      }),
    );
  });

  test("fills batches up to MLflow's limits", () => {
    const metrics = Array.from({ length: 2500 }, (_, step) => ({ key: 'loss', value: 1, timestamp: 1, step }));
    expect(splitBatch({ metrics, params: [], tags: [] }).map(size)).toEqual([1000, 1000, 500]);
    const tags = Array.from({ length: 200 }, (_, i) => ({ key: `tag${i}`, value: 'x'.repeat(8000) }));
    expect(splitBatch({ metrics: [], params: [], tags }).map(size)).toEqual([100, 100]);
    const params = Array.from({ length: 300 }, (_, i) => ({ key: `param${i}`, value: 'ä€'.repeat(3000) }));
    const bytes = splitBatch({ metrics: [], params, tags: [] }).map((each) => Buffer.byteLength(JSON.stringify(each)));
    expect(Math.max(...bytes)).toBeLessThan(1e6);
    expect(bytes.length).toBeLessThanOrEqual(6);
  });
});

test('halves part a batch in two until single entities are left', () => {
  fc.assert(
    fc.property(batch, (whole) => {
      const parts = halves(whole);
      expect(join(parts)).toEqual(whole);
      expect(parts).toHaveLength(size(whole) > 1 ? 2 : 1);
    }),
  );
});
