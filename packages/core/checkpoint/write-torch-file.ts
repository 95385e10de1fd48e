import { writeFileAtomic } from './atomic-file.ts';
import { PickleWriter } from './pickle-writer.ts';
import { bytesOf, type TensorToWrite } from './safetensors.ts';
import { contiguousStrides, sizeOf } from './stored-tensor.ts';
import { ZipWriter } from './zip-writer.ts';

type NamedTensor = readonly [name: string, tensor: TensorToWrite & { readonly values: Float32Array }];

/** PyTorch's names of the storages. */
const STORAGES = { F32: 'FloatStorage', I64: 'LongStorage' } as const;

/**
 * Writes tensors as `torch.save(state_dict, FILE)` does since PyTorch 1.6: a zip archive with a pickle of an OrderedDict, which
 * `torch.load(FILE, weights_only=True)` reads. A reader sees the old file or the new one, never a part of it.
 * @param extra further members of the archive, which PyTorch passes over: text by name
 */
export function writeTorchFile(
  file: string,
  tensors: Iterable<NamedTensor>,
  extra: Readonly<Record<string, string>> = {},
): void {
  const all = [...tensors];
  writeFileAtomic(file, (unfinished) => {
    const zip = new ZipWriter((bytes) => unfinished.append(bytes));
    zip.add('archive/data.pkl', stateDictPickle(all));
    zip.add('archive/byteorder', Buffer.from('little'));
    all.forEach(([, { values, dtype }], i) => zip.add(`archive/data/${i}`, bytesOf(values, dtype)));
    for (const [name, text] of Object.entries(extra)) zip.add(`archive/${name}`, Buffer.from(text));
    zip.add('archive/version', Buffer.from('3\n'));
    zip.end();
  });
}

/** An OrderedDict of tensors, each of a storage of its own. */
function stateDictPickle(tensors: readonly NamedTensor[]): Uint8Array {
  const pickle = new PickleWriter();
  pickle.global('collections', 'OrderedDict').emptyTuple().reduce();
  pickle.mark();
  tensors.forEach(([name, { shape, dtype = 'F32' }], i) => {
    pickle.text(name);
    pickle.global('torch._utils', '_rebuild_tensor_v2').mark();
    pickle
      .mark()
      .text('storage')
      .global('torch', STORAGES[dtype])
      .text(String(i))
      .text('cpu')
      .integer(sizeOf(shape))
      .tuple();
    pickle.persistent().integer(0).integers(shape).integers(contiguousStrides(shape));
    pickle.boolean(false).global('collections', 'OrderedDict').emptyTuple().reduce().tuple().reduce();
  });
  return pickle.setItems().end();
}
