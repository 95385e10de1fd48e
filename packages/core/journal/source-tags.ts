import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Tags that say where a run comes from: `user`, `source.name` (the experiment file) and, if that file lies in a git
 * checkout, `source.git.commit`, `source.git.branch`, `source.git.repoURL` (without credentials), `source.git.dirty` (`true` where files that git
 * knows have changes, `false` where not).
 */
export async function sourceTags(file: string): Promise<Record<string, string>> {
  const git = async (...parameters: string[]): Promise<string> => {
    try {
      return (await execute('git', ['-C', dirname(file), ...parameters], { timeout: 5000 })).stdout.trim();
    } catch {
      return '';
    }
  };
  const commit = await git('rev-parse', 'HEAD');
  const inGit = commit !== '';
  const branch = inGit ? await git('rev-parse', '--abbrev-ref', 'HEAD') : '';
  const repository = inGit ? await git('config', '--get', 'remote.origin.url') : '';
  const changes = inGit ? await git('status', '--porcelain', '--branch', '--untracked-files=no') : '';
  const tags = {
    user: userName(),
    'source.name': file,
    'source.git.commit': commit,
    'source.git.branch': branch === 'HEAD' ? '' : branch,
    'source.git.repoURL': repository.replace(/^([a-z][\w+.-]*:\/\/)[^/]*@/i, '$1'),
    // The first line is of the branch; none at all: git cannot tell.
    'source.git.dirty': changes === '' ? '' : String(changes.includes('\n')),
  };
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''));
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
