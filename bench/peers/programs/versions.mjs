/** Which programs stand on the PATH. */
import { spawnSync } from 'node:child_process';

/** The first line that each of these programs says of its version; those that are missing or do not say are left out. */
export function versionsOf(names) {
  return names
    .map((name) => spawnSync(name, ['--version'], { encoding: 'utf8' }))
    .filter(({ status }) => status === 0)
    .map(({ stdout }) => stdout.split('\n', 1)[0].trim());
}
