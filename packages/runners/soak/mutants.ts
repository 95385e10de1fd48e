import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyRepository } from './mutants/copy.ts';
import { whyEquivalent } from './mutants/judged.ts';
import { describeMutant, draw, mutantsOf, type Mutant } from './mutants/mutant.ts';
import { productFiles, ROOMS, testsOf } from './mutants/rooms.ts';
import { tryMutants, type Status } from './mutants/stryker.ts';
import type { Soak, SoakFailure } from './soak.ts';

type Outcome = 'killed' | 'timed out' | 'equivalent' | 'survived' | 'not reached';

/** A line of the file that keeps what tests noticed, so that a later start tries only the rest. */
interface Noticed {
  readonly file: string;
  readonly key: string;
  readonly text: string;
  readonly outcome: 'killed' | 'timed out';
}

/** Small changes of the product code, each of which a test should notice: first those of the same folder, then others that reach it. */
export const mutants: Soak = {
  name: 'mutants',
  description: 'small changes of the source code, each against the tests that execute it',
  count: 50,
  parts: 'folders below packages',
  resumes: true,
  async run({ count, parts, random, folder, progress, log, signal }) {
    const rooms = parts.length > 0 ? parts : ROOMS;
    const all = await mutantsOf([...new Set(rooms.flatMap(productFiles))]);
    const drawn = draw(all, count, random.stream('mutants', ...rooms));
    const counts = { killed: 0, 'timed out': 0, equivalent: 0 };
    const failures: SoakFailure[] = [];
    const copy = copyRepository();
    let done = 0;
    try {
      for (const room of rooms) {
        const sample = drawn.filter(({ file }) => file.startsWith(`packages/${room}/`));
        const kept = join(folder, room.replaceAll('/', '+'));
        const outcomes = await tryRoom(copy, room, sample, `${kept}.jsonl`, signal, () => progress(++done));
        if (signal.aborted) break;
        writeFileSync(`${kept}.md`, report(room, outcomes));
        for (const [mutant, outcome] of outcomes) {
          if (outcome !== 'survived' && outcome !== 'not reached') counts[outcome]++;
          else failures.push({ message: `${outcome}: ${describeMutant(mutant)}`, reproduction: `${kept}.md` });
        }
        log.info(line(room, outcomes));
      }
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
    return { counts, failures };
  },
};

async function tryRoom(
  copy: string,
  room: string,
  sample: readonly Mutant[],
  kept: string,
  signal: AbortSignal,
  tried: () => void,
): Promise<Map<Mutant, Outcome>> {
  const outcomes = new Map<Mutant, Outcome>(sample.map((mutant) => [mutant, 'not reached']));
  const lines = existsSync(kept) ? readFileSync(kept, 'utf8').trim().split('\n') : [];
  const known = lines.map((text) => JSON.parse(text) as Noticed);
  for (const mutant of sample) {
    const same = (other: Noticed) =>
      (['file', 'key', 'text'] as const).every((field) => other[field] === mutant[field]);
    if (whyEquivalent(mutant) !== undefined) outcomes.set(mutant, 'equivalent');
    else outcomes.set(mutant, known.find(same)?.outcome ?? 'not reached');
  }
  const found = (mutant: Mutant, status: Status) => {
    const outcome = outcomeOf(status, outcomes.get(mutant)!);
    outcomes.set(mutant, outcome);
    if (outcome !== 'killed' && outcome !== 'timed out') return;
    const { file, key, text } = mutant;
    appendFileSync(kept, `${JSON.stringify({ file, key, text, outcome } satisfies Noticed)}\n`);
  };
  const rest = () => sample.filter((mutant) => ['survived', 'not reached'].includes(outcomes.get(mutant)!));
  for (let i = rest().length; i < sample.length; i++) tried();
  for (const [turn, tests] of testsOf(room).entries()) {
    if (rest().length === 0 || signal.aborted) break;
    const each = (mutant: Mutant, status: Status) => {
      found(mutant, status);
      if (turn === 0) tried();
    };
    await tryMutants(copy, rest(), tests, each, signal);
  }
  return outcomes;
}

/** What the tests that have tried it until now say together. */
function outcomeOf(status: Status, before: Outcome): Outcome {
  if (status === 'NoCoverage') return before;
  if (status === 'Timeout') return 'timed out';
  return status === 'Survived' ? 'survived' : 'killed';
}

const number = (outcomes: ReadonlyMap<Mutant, Outcome>, outcome: Outcome) =>
  [...outcomes.values()].filter((each) => each === outcome).length;

function line(room: string, outcomes: ReadonlyMap<Mutant, Outcome>): string {
  const parts = (['killed', 'timed out', 'equivalent', 'survived', 'not reached'] as const).map(
    (outcome) => `${number(outcomes, outcome)} ${outcome}`,
  );
  return `${room}: ${outcomes.size} tried, ${parts.join(', ')}`;
}

/** For display: each mutant that lives, with what it changes. */
function report(room: string, outcomes: ReadonlyMap<Mutant, Outcome>): string {
  const section = ([mutant, outcome]: [Mutant, Outcome]) => {
    const why = whyEquivalent(mutant);
    const lines = (mark: string, code: string) => code.split('\n').map((text) => `${mark} ${text}`);
    const change = [...lines('-', mutant.from), ...lines('+', mutant.to)].join('\n');
    const title = `## ${outcome}: ${mutant.file}:${mutant.line}\n\n\`${mutant.where}\``;
    return `${title}\n\n\`\`\`diff\n${change}\n\`\`\`${why === undefined ? '' : `\n\n${why}`}`;
  };
  const living = [...outcomes].filter(([, outcome]) => outcome !== 'killed').map(section);
  return `${[`# ${line(room, outcomes)}`, ...living].join('\n\n')}\n`;
}
