import type { Dataset, Image, Size, Window } from '@dualprior/blocks';
import type { Random, Stream } from '@dualprior/core';
import type { Stopwatch } from './stopwatch.ts';

/** A data set that tells how long reading and degrading take. */
export class TimedDataset implements Dataset {
  readonly hasSharp: boolean;
  readonly degraded: Dataset['degraded'];
  readonly drawBlur: Dataset['drawBlur'];
  readonly heldOut = undefined;
  readonly random: Random;

  constructor(
    private readonly own: Dataset,
    private readonly watch: Stopwatch,
  ) {
    this.hasSharp = own.hasSharp;
    this.degraded = own.degraded;
    this.random = own.random;
    const { drawBlur } = own;
    this.drawBlur = drawBlur && ((...given) => watch.timeNow('degrading', () => drawBlur(...given)));
  }

  get length(): number {
    return this.own.length;
  }

  name(index: number): string {
    return this.own.name(index);
  }

  size(index: number): Size | undefined {
    return this.own.size(index);
  }

  file(index: number): string | undefined {
    return this.own.file(index);
  }

  read(index: number): Promise<Image> {
    return this.watch.time('reading', () => this.own.read(index));
  }

  readDegraded(index: number): Promise<Image> {
    return this.watch.time('reading', () => this.own.readDegraded!(index));
  }

  degrade(sharp: Image, stream: Stream, window?: Window): Promise<Image> {
    return this.watch.time('degrading', () => this.own.degrade(sharp, stream, window));
  }

  prepare(found?: unknown): Promise<unknown> {
    return this.own.prepare(found);
  }
}
